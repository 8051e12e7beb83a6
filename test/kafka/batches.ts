/** Batches for a destination in a topic, and the destination with what it said. */
import { createDestination } from '../../src/destinations/destination.ts'
import { defaultKafka } from '../../src/destinations/kafka/options.ts'
import type { DestinationOptions } from '../../src/destinations/options.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Layout } from '../../src/flow/chunk.ts'
import type { Destination } from '../../src/flow/delivery.ts'
import { MemoryLog } from '../unit/deliver/doubles.ts'

/** An event, and the mail that it is of. */
export interface Event {
  readonly text: string
  readonly key?: string
}

/** A batch of these events, which stand in a file one after the other from `start` on, 100 bytes each. */
export function batchOf(
  events: readonly Event[],
  { file = 'MSGTRK.LOG', start = 0, layout }: BatchOptions = {},
): Batch {
  const frames = Buffer.from(events.map(({ text }) => text).join(''))
  const keys = events.map(({ key = '' }) => key)
  return {
    start,
    position: { fileId: `EX01|${file}`, offset: start + 100 * events.length, header: 0 },
    file: { id: `EX01|${file}`, source: 'EX01', path: `/logs/EX01/${file}` },
    frames,
    ends: endsOf(events.map(({ text }) => text)),
    origins: {
      offsets: Float64Array.from(events, (_, event) => start + 100 * event),
      keys: Buffer.from(keys.join('')),
      keyEnds: endsOf(keys),
    },
    ...(layout !== undefined && { layout }),
    counts: {
      events: events.length,
      filtered: 0,
      malformed: 0,
      cut: 0,
      clamped: 0,
      invalid: 0,
      brokenHeaders: 0,
    },
    malformed: [],
  }
}

interface BatchOptions {
  readonly file?: string
  readonly start?: number
  readonly layout?: Layout
}

function endsOf(texts: readonly string[]): Uint32Array {
  let end = 0
  return Uint32Array.from(texts, (text) => {
    end += Buffer.byteLength(text)
    return end
  })
}

/** A destination as the settings make it. */
export function destinationTo(
  to: string,
  kafka: Readonly<Record<string, unknown>> = {},
  others: object = {},
): { readonly destination: Destination; readonly log: MemoryLog } {
  const log = new MemoryLog()
  const options = { name: 'topic', to, kafka: { ...defaultKafka, ...kafka }, ...others }
  return { log, destination: createDestination(options as unknown as DestinationOptions, log) }
}
