/** A receiver that takes only a few events at a time: what it took is settled, within a row, too. */
import { expect, it } from 'vitest'
import { runPipeline } from '../../../src/deliver/pipeline.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Source } from '../../../src/flow/chunk.ts'
import type { Destination, Outcome, Sending } from '../../../src/flow/delivery.ts'
import { inTurn } from '../../../src/transform/chunk-to-batch.ts'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { chunkOf, csvRow, layoutOf, logFile } from '../../support/records.ts'
import { MemoryCheckpoint, MemoryDeadLetters, MemoryLog } from '../deliver/doubles.ts'

const layout = layoutOf('2016')
const rowOf = (recipients: readonly string[]) => {
  const values: Record<string, string> = {
    'date-time': '2026-11-20T14:00:00.000Z',
    'event-id': 'SEND',
    'recipient-address': recipients.join(';'),
  }
  return csvRow(layout.columns.map((name) => values[name] ?? ''))
}

const many = Array.from({ length: 60 }, (_, index) => `r${index}@x`)
const rows = [['first@x'], many, ['a@x', 'b@x'], ['last@x']]
const everybody = rows.flat()
const bytes = Buffer.concat([
  ...rows.slice(0, 2).map(rowOf),
  Buffer.from('torn\r\n'),
  ...rows.slice(2).map(rowOf),
])

const source: Source = {
  async *read(from) {
    const { offset = 0 } = from.get(logFile.id) ?? {}
    if (offset < bytes.length) yield chunkOf(bytes.subarray(offset), layout, { start: offset })
  },
}

/** Decides by the number of frames of each batch; keeps who the frames were for. */
class Judging implements Destination {
  readonly name = 'judging'
  readonly recipients: string[] = []
  readonly sizes: number[] = []
  readonly #judge: (frames: number) => Outcome

  constructor(judge: (frames: number) => Outcome) {
    this.#judge = judge
  }

  async send({ frames, ends }: Batch): Promise<Sending> {
    this.sizes.push(ends.length)
    const outcome = this.#judge(ends.length)
    for (const [index, end] of outcome.status === 'delivered' ? ends.entries() : []) {
      const frame = frames.toString('utf8', ends[index - 1] ?? 0, end)
      this.recipients.push(/ duser=(\S+)/.exec(frame)?.[1] ?? '-')
    }
    return { outcome: Promise.resolve(outcome) }
  }

  async close(): Promise<void> {}
}

const gone: Outcome = { status: 'unavailable', reason: 'gone', next: 'at once' }

function deliver(destination: Destination, stop = new AbortController()) {
  const statistics = new PipelineStatistics()
  const checkpoint = new MemoryCheckpoint()
  const deadLetters = new MemoryDeadLetters()
  const transform = createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    recipients: 'each',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 65_536,
  })
  const ended = runPipeline({
    name: 'main',
    source,
    batches: inTurn(transform),
    destination,
    checkpoint,
    deadLetters,
    log: new MemoryLog(),
    stop: stop.signal,
    statistics,
  })
  return { ended, checkpoint, deadLetters, counts: () => statistics.snapshot() }
}

const allRows = { read: 5, delivered: 4, malformed: 1, inFlight: 0 }

it.each([1, 2, 5])('a receiver of %i events at a time gets all of them, each once', async (most) => {
  const destination = new Judging((frames) => (frames > most ? gone : { status: 'delivered' }))
  const { ended, counts, deadLetters } = deliver(destination)
  expect(await ended).toBe('settled')
  expect(destination.recipients).toEqual(everybody)
  expect(deadLetters.letters.map(({ reason }) => reason)).toEqual([expect.stringContaining('1 column,')])
  expect(counts()).toMatchObject(allRows)
})

it('a receiver that is gone after each event gets all of them, in bounded repetition', async () => {
  let calls = 0
  const destination = new Judging((frames) =>
    frames > 1 || ++calls % 2 === 0 ? gone : { status: 'delivered' },
  )
  const { ended, counts, checkpoint } = deliver(destination)
  expect(await ended).toBe('settled')
  expect(destination.recipients).toEqual(everybody)
  expect(destination.sizes.length).toBeLessThan(4 * everybody.length)
  expect(counts()).toMatchObject(allRows)
  expect(checkpoint.saves.at(-1)?.get(logFile.id)?.offset).toBe(bytes.length)
})

it('a position within a row is not kept for another process, which may have other settings', async () => {
  const stop = new AbortController()
  let delivered = 0
  const destination = new Judging((frames) => {
    if (frames > 3) return gone
    delivered += frames
    if (delivered > 20) stop.abort()
    return { status: 'delivered' }
  })
  const { ended, checkpoint, counts } = deliver(destination, stop)
  expect(await ended).toBe('unfinished')
  expect(checkpoint.saves.at(-1)?.get(logFile.id)).toEqual({
    fileId: logFile.id,
    offset: rowOf(['first@x']).length,
    header: 0,
  })
  expect(counts()).toMatchObject({ delivered: 1, malformed: 0 })
})
