/** Whatever a log holds: what is delivered of it as rows under their header, read again, makes the same events. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFile } from '../../src/destinations/file/file.ts'
import { ProblemsError } from '../../src/mistakes/problem.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { rowOf } from '../support/any-rows.ts'
import { csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-raw-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const options = {
  mapping: 'auto',
  cefVersion: 0,
  additionalData: 'arcsight',
  // So that each event holds its row.
  rawEvent: 'field',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 2 ** 32 - 1,
} as const
const asEvents = createEventTransform(options)
const asRows = createEventTransform({ ...options, format: 'raw' })
const filtered = { ...options, events: ['RECEIVE', 'FAIL'] }
const someEvents = createEventTransform(filtered)
const someRows = createEventTransform({ ...filtered, format: 'raw' })

/** With a column before the time, a row may begin with anything. */
const eventFirst = ['event-id', 'date-time', 'message-subject']
const layouts = [...Object.values(knownColumns), eventFirst] as const
const lineEnd = fc.constantFrom('\r\n', '\n')
const header = fc
  .record({
    mark: fc.constantFrom('', '\uFEFF'),
    columns: fc.constantFrom(...layouts, null),
    version: fc.constantFrom('#Version: 15.02.1544.004', '#Version: 14', '#Software: x'),
    date: fc.constantFrom('2026-11-20T14:00:00.000Z', '2026-11-21T14:00:00.000Z'),
    end: lineEnd,
  })
  .map(({ mark, columns, version, date, end }) => {
    const fields = columns === null ? [] : [`#Fields: ${columns.join()}`]
    return Buffer.from(mark + [version, `#Date: ${date}`, ...fields].map((line) => line + end).join(''))
  })
const honest = fc.constantFrom(...layouts).chain((columns) =>
  fc.tuple(rowOf(layoutOf(columns)), lineEnd).map(([fields, end]) =>
    csvRow(
      columns.map((name) => fields[name] ?? ''),
      end,
    ),
  ),
)
const odd = fc
  .constantFrom(
    'no row at all',
    '',
    '\0\0#Fields: date-time,event-id',
    '\0#x,2026-11-20T14:00:00.000Z,forged',
    '"#Fields: a",2026-11-20T14:00:00.000Z,quoted',
    '\0\uFEFF#y,2026-11-20T14:00:00.000Z,marked',
    'RECEIVE,2026-11-20T14:00:00.000Z,a"b',
  )
  .map((text) => Buffer.from(`${text}\r\n`))
const broken = honest.map((row) => Buffer.concat([Buffer.from('\0\0\uFEFF'), row]))
const content = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 2, arbitrary: header },
        { weight: 6, arbitrary: honest },
        { weight: 2, arbitrary: odd },
        { weight: 1, arbitrary: broken },
      ),
      { maxLength: 14 },
    ),
    fc.boolean(),
  )
  .map(([lines, isWhole]) => {
    const bytes = Buffer.concat(lines)
    return isWhole ? bytes : bytes.subarray(0, -1)
  })

let number = 0

/** All frames of the log at this path, in chunks of so many bytes. */
async function framesOf(path: string, chunkBytes: number, transform = asEvents): Promise<readonly string[]> {
  const all: string[] = []
  for await (const chunk of fileChunks(path, { chunkBytes })) {
    for (const { frames, ends } of transform(chunk)) {
      all.push(...[...ends].map((end, index) => frames.toString('latin1', ends[index - 1] ?? 0, end)))
    }
  }
  return all
}

/** Delivers the rows of a log into a file, by two destinations after each other, and gives its path. */
async function deliveredRows(path: string, chunkBytes: number, transform = asRows): Promise<string> {
  const out = join(folder, `out-${number}`)
  await mkdir(out)
  const to = `file://${out}/rows.log`
  const open = () => createFile({ name: 'file', to }, { folder: out, name: 'rows.log' }, silent)
  let destination = open()
  let batches = 0
  for await (const chunk of fileChunks(path, { chunkBytes })) {
    for (const batch of transform(chunk)) {
      expect(await (await destination.send(batch)).outcome).toEqual({ status: 'delivered' })
      if (++batches !== 3) continue
      await destination.close()
      destination = open()
    }
  }
  await destination.close()
  // A log without a row leaves no file.
  await writeFile(join(out, 'rows.log'), '', { flag: 'a' })
  return join(out, 'rows.log')
}

const chunkBytes = fc.constantFrom(256, 4096, 1_048_576)

it.each([
  ['all', asEvents, asRows],
  ['filtered', someEvents, someRows],
] as const)('its events are those of the log itself: %s', async (_, events, rows) => {
  await fc.assert(
    fc.asyncProperty(content, chunkBytes, chunkBytes, async (bytes, one, other) => {
      const log = join(folder, `${++number}.log`)
      await writeFile(log, bytes)
      const expected = await framesOf(log, one, events).catch((error: unknown) => {
        // Taken for something else than a log by its first bytes.
        fc.pre(!(error instanceof ProblemsError))
        throw error
      })
      const copy = await deliveredRows(log, one, rows)
      expect(await framesOf(copy, other)).toEqual(expected)
    }),
    { numRuns: runs(200) },
  )
})
