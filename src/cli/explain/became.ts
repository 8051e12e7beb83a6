/** What became of one line of a log, for one destination. */
import path from 'node:path'
import type { Config } from '../../config/schema.ts'
import type { Records } from '../../flow/records.ts'
import { fieldText } from '../../records/fields.ts'
import { type Column, columnIndex } from '../../records/layouts.ts'
import { type Belonging, belongingOf, namedBy } from '../fate/belonging.ts'
import { type Fate, words } from '../fate/fate.ts'
import { type JudgedRow, openJudge, recordJudge } from '../fate/judge.ts'
import { bare } from '../trace/asked-id.ts'
import type { LineSpan, OneRecord } from './one-record.ts'

/** A file, and the source it belongs to, of a configuration that has this destination. */
export interface Surroundings {
  readonly config: Config
  readonly destination: string
  readonly file: string
  readonly belonging: Belonging
}

/** Finds the source of the file. */
export async function surroundingsOf(
  config: Config,
  destination: string,
  given: string,
): Promise<Surroundings> {
  const file = path.resolve(given)
  const unread = (error: Error): Belonging => ({ source: null, why: error.message })
  return { config, destination, file, belonging: await belongingOf(config.sources, file).catch(unread) }
}

/** In a sentence: `What became of it: filtered: by events: SEND`. */
export async function becameOf(around: Surroundings, { records, row, ...line }: OneRecord): Promise<string> {
  const time = textOf(records, row, 'date-time')
  const messageId = bare(textOf(records, row, 'message-id'))
  const fate = await fateOf(around, line, {
    time,
    messageId,
    malformed: null,
    treated: recordJudge(around.config)(records, row),
  })
  return `What became of it: ${said(fate)}`
}

/** The same of a line that is no record, to be put behind the reason. */
export async function malformedBecame(around: Surroundings, line: LineSpan, reason: string): Promise<string> {
  const fate = await fateOf(around, line, { time: '', messageId: '', malformed: reason, treated: new Map() })
  const { kind, why } = fate ?? { kind: 'unknown', why: '' }
  return `; ${around.destination}: ${kind === 'malformed' ? why.slice(reason.length + 2) : said({ kind, why })}`
}

function said(fate: Fate | undefined): string {
  const { kind, why } = fate ?? { kind: 'unknown', why: '' }
  return why === '' ? words[kind] : `${words[kind]}: ${why}`
}

async function fateOf(
  { config, destination, file, belonging }: Surroundings,
  { start, end, isWhole }: LineSpan,
  row: Pick<JudgedRow, 'time' | 'messageId' | 'malformed' | 'treated'>,
): Promise<Fate | undefined> {
  const named = namedBy(belonging, file)
  const judge = await openJudge(config, new Set([named]))
  const placed = { path: named, belonging, offset: start, end, isWhole }
  return judge.fatesOf({ ...placed, ...row }).get(destination)
}

function textOf(records: Records, row: number, name: Column): string {
  const column = columnIndex(records.layout, name)
  return column < 0 ? '' : fieldText(records, row, column)
}
