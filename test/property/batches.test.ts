/** Whatever a log holds: a chunk in several batches is the same as in one, and every batch may be read on from. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Batch } from '../../src/flow/batch.ts'
import type { Chunk } from '../../src/flow/chunk.ts'
import type { Transform } from '../../src/flow/in-parts.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const base = {
  mapping: 'auto',
  cefVersion: 0,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 65_536,
  events: ['SEND', 'RECEIVE'],
} as const

const transforms = {
  joined: createEventTransform(base),
  each: createEventTransform({ ...base, recipients: 'each' }),
  split: createEventTransform({ ...base, overflow: 'split' }),
  corrected: createEventTransform({ ...base, recipients: 'each', corrections: new Map([['ex01', 5]]) }),
}

const layout = layoutOf('2010')

function row(columns: readonly string[], event: string, recipients: string): Buffer {
  const values: Record<string, string> = {
    'date-time': '2026-11-20T14:00:00.000Z',
    'event-id': event,
    'recipient-address': recipients,
    'recipient-status': recipients.replace(/[^;]+/g, '250 Ok'),
  }
  return csvRow(columns.map((name) => values[name] ?? ''))
}

const recipients = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .array(fc.constantFrom('a@x.com', "'b;c'@x.com", 'd@x.com'), { maxLength: 9 })
      .map((all) => all.join(';')),
  },
  // Too many for plain division, and for one event.
  fc
    .constantFrom(3, 1020)
    .map((count) => Array.from({ length: count }, (_, n) => `r${n}@example.com`).join(';')),
)

const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('SEND', 'RECEIVE', 'DSN'), recipients, fc.constantFrom('2010', '2016'))
      .map(([event, to, version]) => row(knownColumns[version as '2010'], event, to)),
  },
  fc.constantFrom('torn', '', '"unclosed', 'a"b,c').map((text) => Buffer.from(`${text}\r\n`)),
)

const chunks = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean()).map(([lines, isWhole]) => {
  const bytes = Buffer.concat(lines)
  return chunkOf(isWhole ? bytes : bytes.subarray(0, Math.max(0, bytes.length - 2)), layout, { start: 1000 })
})

/** What outlives a batch. */
function kept({ frames, ends, position, counts, malformed, start }: Batch) {
  const texts = Array.from(ends, (end, index) => frames.toString('latin1', ends[index - 1] ?? 0, end))
  return { texts, position, counts, letters: malformed.map(({ offset, reason }) => [offset, reason]), start }
}
type Kept = ReturnType<typeof kept>

function batchesOf(transform: Transform, chunk: Chunk, mostFrames?: number): Kept[] {
  return Array.from(transform(chunk, mostFrames), kept)
}

/** The chunk as it is read again from a position. */
function from(chunk: Chunk, { offset, settledEvents = 0 }: Kept['position']): Chunk {
  return { ...chunk, start: offset, bytes: chunk.bytes.subarray(offset - chunk.start), settledEvents }
}

function sumOf(batches: readonly Kept[]) {
  const names = ['events', 'filtered', 'malformed', 'cut', 'clamped', 'invalid'] as const
  return {
    texts: batches.flatMap(({ texts }) => texts),
    letters: batches.flatMap(({ letters }) => letters),
    counts: names.map((name) => batches.reduce((sum, { counts }) => sum + counts[name], 0)),
    end: batches.at(-1)?.position,
  }
}

it.each(Object.keys(transforms) as (keyof typeof transforms)[])(
  'recipients %s: batches of few frames, each made from the position of the one before, are the same as one',
  (name) => {
    const transform = transforms[name]
    fc.assert(
      fc.property(chunks, fc.constantFrom(1, 2, 3, 7, 500), fc.boolean(), (chunk, mostFrames, again) => {
        const whole = batchesOf(transform, chunk)
        const parts: Kept[] = []
        if (again) {
          for (let rest = chunk; ; ) {
            const [first] = batchesOf(transform, rest, mostFrames)
            parts.push(first as Kept)
            rest = from(chunk, (first as Kept).position)
            if (rest.bytes.length === 0) break
          }
        } else {
          parts.push(...batchesOf(transform, chunk, mostFrames))
        }
        expect(sumOf(parts)).toEqual(sumOf(whole))
        for (const [index, { texts, position, start, letters }] of parts.entries()) {
          expect(texts.length).toBeLessThanOrEqual(mostFrames)
          expect(start).toBe(parts[index - 1]?.position.offset ?? chunk.start)
          for (const [offset] of letters) {
            expect(offset).toBeGreaterThanOrEqual(start)
            expect(offset).toBeLessThan(position.offset)
          }
        }
      }),
      { numRuns: runs(40) },
    )
  },
)

it('more rows than a batch takes, none of which is an event, are still several batches', () => {
  const bytes = Buffer.alloc(40_000, 'x\n')
  const batches = batchesOf(transforms.joined, chunkOf(bytes, layout))
  expect(batches.length).toBeGreaterThan(1)
  expect(sumOf(batches).letters).toHaveLength(20_000)
  expect(batches.map(({ counts }) => counts.events)).toEqual(batches.map(() => 0))
})
