/** `msgtrk state show`: positions as a table for people or as JSON for scripts. */
import { checkpointPath, createCheckpoint } from '../../checkpoint/store.ts'
import type { FolderConfig } from '../../config/schema.ts'
import type { Positions } from '../../flow/chunk.ts'
import { type LogName, logName } from '../../flow/file-id.ts'
import { counted } from '../../mistakes/counted.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { compareFileOrder, fileOrder } from '../../tail/folder/file-order.ts'
import { textTable } from '../terminal/table.ts'
import { type FoundLog, idOf, listLogs } from './logs.ts'
import type { Place } from './place.ts'

/** One position; sizes in bytes, null when the log is not there or its folder not known. */
interface Row extends LogName {
  readonly destination: string
  readonly offset: number
  readonly size: number | null
  readonly left: number | null
}

/** What there is to show, and what could not be read. */
export interface Shown {
  readonly text: string
  readonly problems: readonly Problem[]
  readonly exitCode: ExitCode
}

/** The positions of all destinations of `place`; one that can't be read does not hide the others. `width` of the terminal. */
export async function showState(place: Place, json: boolean, width?: number): Promise<Shown> {
  const problems: Problem[] = []
  let exitCode: ExitCode = ExitCode.ok
  const logs: FoundLog[] = []
  for (const source of place.sources) {
    try {
      logs.push(...(await listLogs(source, place.isFileChosen)))
    } catch (error) {
      problems.push(unreadableFolder(source, error))
      exitCode = ExitCode.failed
    }
  }
  const rows: Row[] = []
  const sums: string[] = []
  for (const destination of place.destinations) {
    try {
      const positions = await createCheckpoint(checkpointPath(place.state, destination), place.sources).load()
      const ofDestination = await rowsOf(destination, positions, place, logs)
      rows.push(...ofDestination)
      if (place.sources.length > 0) sums.push(sumOf(destination, ofDestination, logs))
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      problems.push(...error.problems)
      exitCode = error.exitCode
    }
  }
  const text = json ? asJson(rows) : asTable(rows, sums, place, width)
  return { text, problems, exitCode }
}

/** What is wrong with the folder of a source. */
export function unreadableFolder({ name, folder }: FolderConfig, error: unknown): Problem {
  return {
    where: { file: folder },
    message: `the folder of source ${name} can not be read: ${(error as Error).message}`,
    remedy: 'check the path and the rights of this user',
  }
}

async function rowsOf(
  destination: string,
  positions: Positions,
  place: Place,
  logs: readonly FoundLog[],
): Promise<readonly Row[]> {
  const chosen = [...positions.values()].flatMap(({ fileId, offset }) => {
    const log = logName(fileId)
    return log !== null && place.isChosen(log) ? [{ fileId, offset, log }] : []
  })
  const timesNamed = new Map<string, number>()
  for (const { log } of chosen) timesNamed.set(key(log), (timesNamed.get(key(log)) ?? 0) + 1)
  const found = new Map(logs.map((log) => [key(log), log]))
  const rows = await Promise.all(
    chosen.map(async ({ fileId, offset, log }): Promise<Row> => {
      const there = found.get(key(log))
      // Only where several had this name must the log itself say which of them it is.
      const isIt = there !== undefined && (timesNamed.get(key(log)) === 1 || (await isLog(there, fileId)))
      const size = isIt ? there.size : null
      const left = size === null || size < offset ? null : size - offset
      return { destination, ...log, offset, size, left }
    }),
  )
  return rows.sort(
    (a, b) =>
      compare(a.source, b.source) ||
      compare(fileOrder(a.name).prefix, fileOrder(b.name).prefix) ||
      (a.name === b.name ? compare(a.date, b.date) : compareFileOrder(fileOrder(a.name), fileOrder(b.name))),
  )
}

async function isLog(log: FoundLog, fileId: string): Promise<boolean> {
  return (await idOf(log).catch(() => null)) === fileId
}

function key({ source, name }: { readonly source: string; readonly name: string }): string {
  return `${source}/${name}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sumOf(destination: string, rows: readonly Row[], logs: readonly FoundLog[]): string {
  const begun = new Set(rows.map(key))
  const left = rows.reduce((sum, row) => sum + (row.left ?? 0), 0)
  const waiting = logs.filter((log) => !begun.has(key(log)))
  const more = waiting.reduce((sum, { size }) => sum + size, 0)
  const notBegun = waiting.length === 0 ? '' : `, ${more} in ${waiting.length} without a position`
  return `${destination}: ${counted(left, 'byte')} left in ${counted(rows.length, 'log')}${notBegun}`
}

function asJson(rows: readonly Row[]): string {
  if (rows.length === 0) return '[]\n'
  const lines = rows.map(({ destination, source, name, date, offset, size, left }) =>
    visible(JSON.stringify({ destination, source, file: name, date, offset, size, left })),
  )
  return `[\n${lines.join(',\n')}\n]\n`
}

function asTable(
  rows: readonly Row[],
  sums: readonly string[],
  { state, sources }: Place,
  width: number | undefined,
): string {
  if (rows.length === 0) return `${visible(state)}: no positions\n${lines(sums)}`
  const named = new Map<string, number>()
  for (const row of rows) {
    const name = `${row.destination}/${key(row)}`
    named.set(name, (named.get(name) ?? 0) + 1)
  }
  const withSizes = sources.length > 0
  const table = rows.map((row) => {
    const isShared = (named.get(`${row.destination}/${key(row)}`) ?? 0) > 1
    const place = [
      row.destination,
      row.source,
      isShared ? `${row.name}#${row.date}` : row.name,
      `${row.offset}`,
    ]
    return withSizes ? [...place, ...sizes(row)] : place
  })
  const head = ['destination', 'source', 'file', 'offset', ...(withSizes ? ['size', 'left'] : [])]
  const text = textTable([head, ...table], { numbersFrom: 3, width })
  return `${text}${sums.length === 0 ? '' : `\n${lines(sums)}`}`
}

function sizes({ size, left }: Row): readonly [string, string] {
  if (size === null) return ['-', '-']
  if (left === null) return [`${size}`, '?']
  return [`${size}`, size === 0 ? '0' : `${left} (${Math.ceil((left / size) * 100)} %)`]
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${visible(text)}\n`).join('')
}
