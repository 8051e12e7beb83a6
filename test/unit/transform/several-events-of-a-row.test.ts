/** A row that becomes several events: what counts rows, what counts frames, and that both come out even. */
import { expect, it } from 'vitest'
import { runPipeline } from '../../../src/deliver/pipeline.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import { RateLimit } from '../../../src/destinations/around/rate-limit.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Source } from '../../../src/flow/chunk.ts'
import type { Destination, Outcome, Sending } from '../../../src/flow/delivery.ts'
import type { Transform } from '../../../src/flow/in-parts.ts'
import { inTurn } from '../../../src/transform/chunk-to-batch.ts'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf, logFile } from '../../support/records.ts'
import { MemoryCheckpoint, MemoryDeadLetters, MemoryLog } from '../deliver/doubles.ts'

const layout = layoutOf('2016')
const rowOf = (values: Readonly<Record<string, string>>) =>
  csvRow(
    layout.columns.map((name) => values[name] ?? (name === 'date-time' ? '2026-11-20T14:00:01.037Z' : '')),
  )

/** Three rows with seven recipients, one without, one filtered, one that is none. */
const bytes = Buffer.concat([
  rowOf({ 'event-id': 'SEND', 'recipient-address': 'a@x;b@x;c@x;d@x' }),
  rowOf({ 'event-id': 'AGENTINFO', 'recipient-address': 'z@x;y@x' }),
  rowOf({ 'event-id': 'SEND' }),
  Buffer.from('no record\r\n'),
  rowOf({ 'event-id': 'SEND', 'recipient-address': 'e@x' }),
  rowOf({ 'event-id': 'SEND', 'recipient-address': 'f@x;g@x' }),
])

const transform = (): Transform =>
  createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    events: ['SEND'],
    recipients: 'each',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 65_536,
  })

/** Gives its outcomes in turn, and keeps who the frames were for. */
class Taking implements Destination {
  readonly name = 'taking'
  readonly recipients: string[] = []
  readonly #outcomes: Outcome[]

  constructor(...outcomes: Outcome[]) {
    this.#outcomes = outcomes
  }

  async send({ frames, ends }: Batch): Promise<Sending> {
    for (const [index, end] of ends.entries()) {
      const frame = frames.toString('utf8', ends[index - 1] ?? 0, end)
      this.recipients.push(/ duser=(\S+)/.exec(frame)?.[1] ?? '-')
    }
    return { outcome: Promise.resolve(this.#outcomes.shift() ?? { status: 'delivered' }) }
  }

  async close(): Promise<void> {}
}

const source: Source = {
  async *read(from) {
    if (!from.has(logFile.id)) yield chunkOf(bytes, layout)
  },
}

async function deliver(destination: Destination) {
  const statistics = new PipelineStatistics()
  const result = await runPipeline({
    name: 'main',
    source,
    batches: inTurn(transform()),
    destination,
    checkpoint: new MemoryCheckpoint(),
    deadLetters: new MemoryDeadLetters(),
    log: new MemoryLog(),
    stop: new AbortController().signal,
    statistics,
  })
  expect(result).toBe('settled')
  return statistics.snapshot()
}

const everybody = ['a@x', 'b@x', 'c@x', 'd@x', '-', 'e@x', 'f@x', 'g@x']
const allRows = { read: 6, delivered: 4, filtered: 1, malformed: 1, rejected: 0, inFlight: 0 }

it('a batch has an end for each frame and counts rows', () => {
  const { ends, frames, counts } = onlyBatch(transform()(chunkOf(bytes, layout)))
  expect(ends).toHaveLength(everybody.length)
  expect(ends.at(-1)).toBe(frames.length)
  expect(counts).toMatchObject({ events: 4, filtered: 1, malformed: 1 })
})

it('what is read is delivered, filtered or malformed, by rows', async () => {
  const destination = new Taking()
  expect(await deliver(destination)).toMatchObject(allRows)
  expect(destination.recipients).toEqual(everybody)
})

it('a rate limit passes on every event, in slices that part the events of a row', async () => {
  const destination = new Taking()
  // Three at a time.
  expect(await deliver(new RateLimit(destination, 30))).toMatchObject(allRows)
  expect(destination.recipients).toEqual(everybody)
})

it('after a rewind all events of a row come again, and its rows are counted once', async () => {
  const destination = new Taking({ status: 'unavailable', reason: 'gone', next: 'at once' })
  expect(await deliver(destination)).toMatchObject({ ...allRows, rewinds: 1 })
  expect(destination.recipients).toEqual([...everybody, ...everybody])
})

it('rejected events are counted as the rows they are of', async () => {
  const destination = new Taking({ status: 'rejected', reason: 'no' })
  expect(await deliver(destination)).toMatchObject({ ...allRows, delivered: 0, rejected: 4 })
})
