import { describe, expect, test } from 'vitest'
import { frameShape } from '../../../src/encode/options.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Layout } from '../../../src/flow/chunk.ts'
import type { EventPlan } from '../../../src/flow/plan.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { createPartParser } from '../../../src/parse/parser.ts'
import { createTransform, type TransformOptions } from '../../../src/transform/chunk-to-batch.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, eventPlan, logFile, plainLayout, valuePlan } from '../../support/records.ts'

const syslog = frameShape.syslog.parse({ header: 'none' })
const three = plainLayout(3)
const plan = eventPlan({
  fields: [
    valuePlan({ key: 'msg', column: 0, maxBytes: 5 }),
    valuePlan({ key: 'out', column: 1, as: 'integer', max: 99n }),
  ],
})

function transformWith(options: Partial<TransformOptions> = {}) {
  const memory = new WorkMemory()
  return createTransform({
    memory,
    parse: createPartParser(memory),
    planFor: () => plan,
    filterFor: () => null,
    frame: { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65536 },
    now: () => 0,
    ...options,
  })
}

function framesOf({ frames, ends }: Batch): string[] {
  return Array.from(ends, (end, index) => frames.toString('utf8', ends[index - 1] ?? 0, end))
}

function messages(batch: Batch): string[] {
  return framesOf(batch).map((frame) => /\| (?:msg=(.*) )?_cefVer/.exec(frame)?.[1] ?? '')
}

test('a chunk becomes a batch: frames end where `ends` says, and the position is behind the chunk', () => {
  const batch = onlyBatch(transformWith()(chunkOf('a,1,x\r\nb,2,x\r\n', three, { start: 100 })))
  expect(framesOf(batch)).toEqual([
    'CEF:0|Vendor|Product|1.0|ID|Name|3| msg=a out=1 _cefVer=0.1\n',
    'CEF:0|Vendor|Product|1.0|ID|Name|3| msg=b out=2 _cefVer=0.1\n',
  ])
  expect(batch.ends.at(-1)).toBe(batch.frames.length)
  expect(batch.position).toEqual({ fileId: logFile.id, offset: 114, header: 0 })
  expect(batch.file).toBe(logFile)
})

test('an empty chunk only moves the position', () => {
  const batch = onlyBatch(transformWith()({ ...chunkOf('', null, { start: 50 }), end: 90 }))
  expect(batch).toMatchObject({ position: { offset: 90, header: -1 }, malformed: [] })
  expect([batch.frames.length, batch.ends.length]).toEqual([0, 0])
})

describe('counts', () => {
  const filterFor: TransformOptions['filterFor'] = () => (records, row) =>
    records.bytes[records.starts[row * 3] as number] !== 0x66

  test('every row is an event, filtered or malformed; the filter sees rows in order', () => {
    const bytes = 'a,1,x\nf,1,x\nbroken\n"x\nb,2,x\nf"2,1,x\nc"3,1,x\nf,1,x\n'
    const known = { path: logFile.path, offset: 0, reason: 'too long', line: Buffer.alloc(0) }
    const batch = onlyBatch(transformWith({ filterFor })(chunkOf(bytes, three, { malformed: [known] })))
    expect(batch.counts).toEqual({
      events: 3,
      filtered: 3,
      malformed: 3,
      cut: 0,
      clamped: 0,
      invalid: 0,
      brokenHeaders: 0,
    })
    expect(batch.malformed).toHaveLength(3)
    expect(framesOf(batch).map((frame) => /msg=(\S+)/.exec(frame)?.[1])).toEqual(['a', 'b', 'c"3'])
  })

  test('cut, clamped and left out values add up over the events, not over what is filtered', () => {
    const bytes = '123456,100,x\n123456,many,x\nf23456,100,x\na,1,x\n'
    const { counts } = onlyBatch(transformWith({ filterFor })(chunkOf(bytes, three)))
    expect(counts).toEqual({
      events: 3,
      filtered: 1,
      malformed: 0,
      cut: 2,
      clamped: 1,
      invalid: 1,
      brokenHeaders: 0,
    })
  })
})

test('more rows than the buffers begin with, and none of an earlier batch afterwards', () => {
  const transform = transformWith()
  const rows = Array.from({ length: 3000 }, (_, row) => `${row},1,x\n`)
  const large = onlyBatch(transform(chunkOf(rows.join(''), three)))
  expect(framesOf(large).map((frame) => /msg=(\d+)/.exec(frame)?.[1])).toEqual(
    rows.map((row) => row.split(',')[0]),
  )
  const small = onlyBatch(transform(chunkOf('z,1,x\n', three)))
  expect(framesOf(small)).toEqual(['CEF:0|Vendor|Product|1.0|ID|Name|3| msg=z out=1 _cefVer=0.1\n'])
})

test('each run of a chunk gets the plan and the filter of its layout', () => {
  const plans = new Map<number, EventPlan>()
  const planFor = ({ columns }: Layout) => {
    const known = plans.get(columns.length)
    const made = known ?? eventPlan({ fields: [valuePlan({ key: 'msg', column: columns.length - 1 })] })
    plans.set(columns.length, made)
    return made
  }
  const filterFor = ({ columns }: Layout) => (columns.length === 26 ? () => false : null)
  const wide = (count: number) => {
    const values = Array.from({ length: count - 1 }, (_, index) => `c${index + 1}`)
    return `2026-11-20T14:00:01.037Z,${values.join(',')}\n`
  }
  const batch = onlyBatch(
    transformWith({ planFor, filterFor })(chunkOf([21, 26, 30, 21].map(wide).join(''), null)),
  )
  expect(messages(batch)).toEqual(['c20', 'c29', 'c20'])
  expect(batch.counts).toMatchObject({ events: 3, filtered: 1, malformed: 0 })
})

test('the send time is asked for once a batch', () => {
  let asked = 0
  const now = () => Date.UTC(2026, 10, 22) + 1000 * asked++
  const frame = {
    syslog: frameShape.syslog.parse({ time: 'send' }),
    host: 'h',
    framing: 'lf',
    maxMessageBytes: 65536,
  } as const
  const transform = transformWith({ now, frame })
  const times = ['a,1,x\nb,1,x\n', 'c,1,x\n'].map((bytes) =>
    framesOf(onlyBatch(transform(chunkOf(bytes, three)))).map((frame) => frame.slice(5, 20)),
  )
  expect(times).toEqual([['Nov 22 00:00:00', 'Nov 22 00:00:00'], ['Nov 22 00:00:01']])
})
