/** `startAt` says where reading begins, once: whatever it is changed to later, the positions go on. */
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Position } from '../../../src/flow/chunk.ts'
import { positionsBySource } from '../../../src/flow/file-id.ts'
import { changedStart } from '../../../src/tail/file/known-ids.ts'
import { part } from '../../support/runs.ts'
import {
  header,
  onceSource,
  positionsAfter,
  readOnce,
  row,
  sourceOf,
  temporaryFolder,
  texts,
} from './logs.ts'

const path = (folder: string, hour: number) => join(folder, `MSGTRK20261120${hour}-1.LOG`)

async function createFolder(): Promise<string> {
  const folder = await temporaryFolder()
  for (const hour of [12, 14, 15]) {
    const date = `2026-11-20T${hour}:00:00.000Z`
    const rows = [1, 3, 5].map((minute) => row(minute, `${hour}-${minute}`).replace('T14', `T${hour}`))
    await writeFile(path(folder, hour), header(date) + rows.join(''))
  }
  return folder
}

async function append(folder: string): Promise<void> {
  await appendFile(path(folder, 15), row(9, '15-9').replace('T14', 'T15'))
  await writeFile(path(folder, 16), header('2026-11-20T16:00:00.000Z') + row(1, '16-1').replace('T14', 'T16'))
}

/** The rows of a source that is read with `startAt` from `positions` on, which move along for `chunks` chunks. */
async function read(
  folder: string,
  startAt: string,
  positions: Map<string, Position>,
  chunks = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const read = await readOnce(
    onceSource([sourceOf(folder, { startAt })], { chunkBytes: 64 }).source,
    positions,
  )
  const taken = read.slice(0, chunks)
  for (const [id, position] of positionsAfter(taken)) positions.set(id, position)
  return texts(taken)
}

const places = ['beginning', 'end', '2026-11-20T14:02:00Z', '2026-11-20T13:00:00Z', '2026-11-20T15:04:00Z']
const changes = places.flatMap((first) => places.map((second) => [first, second] as const))

it.each(changes)('%s stays in force when it is changed to %s', async (first, second) => {
  for (const chunks of part([1, 2, 3, 4, 100])) {
    const [unchanged, changed] = [await createFolder(), await createFolder()]
    const expected: string[] = []
    const rows: string[] = []
    const [positions, others] = [new Map<string, Position>(), new Map<string, Position>()]
    expected.push(...(await read(unchanged, first, others, chunks)))
    rows.push(...(await read(changed, first, positions, chunks)))
    await Promise.all([append(unchanged), append(changed)])
    expected.push(...(await read(unchanged, first, others)))
    rows.push(...(await read(changed, second, positions)))
    expect(rows).toEqual(expected)
    const isOther = new Date(first).getTime() !== new Date(second).getTime() && first !== second
    const begun = first.startsWith('2') ? new Date(first).toISOString() : first
    expect(changedStart('EX01', second, positions)).toBe(isOther ? begun : null)
  }
})

it('counts as long as nothing of the source is settled', () => {
  const other: Position = { fileId: 'EX02/MSGTRK2026112014-1.LOG#x', offset: 9, header: -1 }
  for (const place of places) {
    expect(changedStart('EX01', place, new Map())).toBeNull()
    expect(changedStart('EX01', place, new Map([[other.fileId, other]]))).toBeNull()
  }
})

it('finds the positions of each source among those of all', () => {
  const positions = new Map(
    [
      'EX01/MSGTRK2026112014-1.LOG#x',
      'EX010/MSGTRK2026112014-1.LOG#x',
      'EX01/a/b#c#x',
      'EX01/end',
      'none',
    ].map((fileId): [string, Position] => [fileId, { fileId, offset: 9, header: -1 }]),
  )
  const ownOf = positionsBySource(positions)
  const ids = ['EX01', 'EX010', '', 'EX02'].map((source) => [source, [...ownOf(source).keys()]])
  expect(ids).toEqual([
    ['EX01', ['EX01/MSGTRK2026112014-1.LOG#x', 'EX01/a/b#c#x', 'EX01/end']],
    ['EX010', ['EX010/MSGTRK2026112014-1.LOG#x']],
    ['', ['none']],
    ['EX02', []],
  ])
})
