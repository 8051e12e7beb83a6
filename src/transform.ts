/** The pure middle of the flow: chunk → records → events → frames, as one batch. */
import { ByteWriter } from './encode/byte-writer.ts'
import { EventEncoder } from './encode/event-encoder.ts'
import type { FrameEncoder } from './encode/frame-encoder.ts'
import type { EventPlan, Filter, Layout, Parser, Records, Transform } from './types.ts'

export interface TransformOptions {
  readonly parse: Parser
  readonly planFor: (layout: Layout) => EventPlan
  /** The filter for a layout; null lets every row pass. */
  readonly filterFor: (layout: Layout) => Filter | null
  readonly encodeFrame: FrameEncoder
  /** Epoch milliseconds, for syslog headers that carry the send time. */
  readonly now: () => number
}

/** What a layout needs, made once. */
interface LayoutWork {
  readonly encoder: EventEncoder
  readonly filter: Filter | null
}

/** Creates a transform with one buffer of its own: a batch's frames are valid until it is called again. */
export function createTransform(options: TransformOptions): Transform {
  const { parse, planFor, filterFor, encodeFrame, now } = options
  const out = new ByteWriter()
  let ends = new Uint32Array(1024)
  const works = new WeakMap<EventPlan, LayoutWork>()

  const workFor = (layout: Layout): LayoutWork => {
    const plan = planFor(layout)
    let work = works.get(plan)
    if (work === undefined) {
      work = { encoder: new EventEncoder(plan), filter: filterFor(layout) }
      works.set(plan, work)
    }
    return work
  }

  return (chunk) => {
    const { runs, malformed } = parse(chunk)
    const sendTimeMs = now()
    const rows = runs.reduce((sum, { count }) => sum + count, 0)
    if (rows > ends.length) ends = new Uint32Array(rows * 2)
    out.length = 0
    const counts = { events: 0, filtered: 0, malformed: malformed.length, cut: 0, clamped: 0, invalid: 0 }

    const encodeRun = (records: Records) => {
      const { encoder, filter } = workFor(records.layout)
      for (let row = 0; row < records.count; row++) {
        if (filter !== null && !filter(records, row)) {
          counts.filtered++
          continue
        }
        encodeFrame(encoder, records, row, out, sendTimeMs)
        ends[counts.events++] = out.length
        counts.cut += encoder.counts.cut
        counts.clamped += encoder.counts.clamped
        counts.invalid += encoder.counts.invalid
      }
    }
    runs.forEach(encodeRun)

    return {
      position: { fileId: chunk.file.id, offset: chunk.end, header: chunk.header },
      file: chunk.file,
      frames: out.bytes.subarray(0, out.length),
      ends: ends.subarray(0, counts.events),
      counts,
      malformed,
    }
  }
}
