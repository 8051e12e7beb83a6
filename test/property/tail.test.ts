/**
 * However a log is appended to, and wherever a reading stops and goes on from its positions, the rows,
 * layouts and positions are those of the whole file read at once.
 */

import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Chunk, Position } from '../../src/flow/chunk.ts'
import type { Log } from '../../src/flow/log.ts'
import { createSource } from '../../src/tail/source.ts'
import { runs } from '../support/runs.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-tail-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const limits = { chunkBytes: 64, maxLineBytes: 200 }

const lineEnd = fc.constantFrom('\n', '\r\n')
const rowText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.string({ unit: fc.constantFrom('a', ',', '"', '#', '\uFEFF', 'é', ' '), maxLength: 40 }),
  },
  { weight: 1, arbitrary: fc.integer({ min: 150, max: 900 }).map((length) => 'x'.repeat(length)) },
)
const row = fc.tuple(rowText, lineEnd).map(([text, end]) => `2026-11-20T14:00:00.000Z,${text}${end}`)
const header = fc
  .tuple(fc.constantFrom('', '\uFEFF'), fc.constantFrom('date-time,b', 'date-time,b,c', null), lineEnd)
  .map(([mark, columns, end]) => {
    const lines = ['#Version: 15', '#Date: 2026-11-20T14:00:00.000Z']
    if (columns !== null) lines.push(`#Fields: ${columns}`)
    return mark + lines.map((line) => line + end).join('')
  })
const content = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.array(fc.oneof({ weight: 5, arbitrary: row }, { weight: 1, arbitrary: header }), { maxLength: 15 }),
    fc.constantFrom('', '2026-half'),
  )
  .map(([mark, lines, rest]) => Buffer.from(mark + lines.join('') + rest))

/** Longer than a line may be, behind the marks of a file and of another that was appended to it. */
const longMarkedHeader = Buffer.from(
  `\uFEFF\uFEFF${'#Version: 15\n#Date: 2026-11-20T14:00:00.000Z\n#Fields: date-time,b\n'.repeat(3)}`,
)

/** A line as the flow sees it: where it stands, what it is, and the columns it is read by. */
type Line = readonly [offset: number, text: string, columns: string, header: number]

function linesOf({ bytes, start, layout, header: block, malformed, hasHeaderLines }: Chunk): Line[] {
  const columns = layout === null ? 'none' : layout.columns.join()
  const lines: Line[] = malformed.map(({ offset, line }) => [
    offset,
    `malformed ${Buffer.from(line).toString('latin1', 0, 100)}`,
    columns,
    block,
  ])
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at) + 1
    expect(end, 'a chunk ends with a line end').toBeGreaterThan(0)
    const text = bytes.toString('latin1', at, end)
    const isHeader = hasHeaderLines && /^(?:\xef\xbb\xbf)?#/.test(text)
    if (!isHeader) lines.push([start + at, text, columns, block])
    at = end
  }
  return lines
}

/** Reads all there is; stops after `stopAfter` chunks, as a rewind or a crash would. */
async function read(
  source: ReturnType<typeof createSource>,
  positions: Map<string, Position>,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<Line[]> {
  const lines: Line[] = []
  let count = 0
  for await (const chunk of source.read(positions, new AbortController().signal)) {
    if (count++ >= stopAfter) break
    lines.push(...linesOf(chunk))
    positions.set(chunk.file.id, { fileId: chunk.file.id, offset: chunk.end, header: chunk.header })
  }
  return lines
}

let files = 0

it('gives the same rows and positions for any split into appends', async () => {
  const cuts = fc.array(fc.tuple(fc.nat(), fc.option(fc.nat(2)), fc.boolean()), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(content, cuts, async (bytes, steps) => {
      const name = `MSGTRK2026112014-${++files}.LOG`
      const path = join(folder, name)
      // Each case has a source that sees its own file only.
      const options = { name: 'EX01', folder, pattern: name, startAt: 'beginning' as const }
      const create = () => createSource({ sources: [options], follow: false, log: silent, ...limits })

      await writeFile(path, '')
      let source = create()
      const positions = new Map<string, Position>()
      const seen: Line[] = []
      let written = 0
      const sorted = steps
        .map(([at, stopAfter, isRestarted]) => ({ at: at % (bytes.length + 1), stopAfter, isRestarted }))
        .sort((a, b) => a.at - b.at)
      for (const { at, stopAfter, isRestarted } of sorted) {
        await appendFile(path, bytes.subarray(written, at))
        written = at
        seen.push(...(await read(source, positions, stopAfter ?? Number.POSITIVE_INFINITY)))
        if (isRestarted) source = create()
      }
      await appendFile(path, bytes.subarray(written))
      seen.push(...(await read(source, positions)))

      const wholePositions = new Map<string, Position>()
      const whole = await read(create(), wholePositions)
      await rm(path)
      expect(seen).toEqual(whole)
      expect(positions).toEqual(wholePositions)
      // An independent account of what the whole is.
      const rows = bytes
        .toString('latin1')
        .split(/(?<=\n)/)
        .filter((line) => line.endsWith('\n') && !/^(\xef\xbb\xbf)*#/.test(line))
      expect(whole).toHaveLength(rows.length)
    }),
    { numRuns: runs(150), examples: [[longMarkedHeader, []]] },
  )
})
