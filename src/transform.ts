/** The pure middle of the flow: chunk → records → events → frames, as one batch. */
import { ByteWriter } from './encode/byte-writer.ts'
import { EventEncoder } from './encode/event-encoder.ts'
import type { FrameEncoder } from './encode/frame-encoder.ts'
import type { EventPlan, Filter, Layout, Parser, Records, Rewrite, Transform } from './types.ts'

export interface TransformOptions {
  readonly parse: Parser
  readonly planFor: (layout: Layout) => EventPlan
  /** The filter for a layout; null lets every row pass. */
  readonly filterFor: (layout: Layout) => Filter | null
  /** What becomes of the rows that passed, before they are encoded; null for nothing. */
  readonly rewriteFor?: (layout: Layout) => Rewrite | null
  readonly encodeFrame: FrameEncoder
  /** Epoch milliseconds, for syslog headers that carry the send time. */
  readonly now: () => number
}

/** What a layout needs, made once. */
interface LayoutWork {
  readonly encoder: EventEncoder
  readonly filter: Filter | null
  readonly rewrite: Rewrite | null
}

/** Creates a transform with one buffer of its own: a batch's frames are valid until it is called again. */
export function createTransform(options: TransformOptions): Transform {
  const { parse, planFor, filterFor, rewriteFor, encodeFrame, now } = options
  const out = new ByteWriter()
  let ends = new Uint32Array(1024)
  const works = new WeakMap<EventPlan, LayoutWork>()

  const workFor = (layout: Layout): LayoutWork => {
    const plan = planFor(layout)
    let work = works.get(plan)
    if (work === undefined) {
      work = {
        encoder: new EventEncoder(plan),
        filter: filterFor(layout),
        rewrite: rewriteFor?.(layout) ?? null,
      }
      works.set(plan, work)
    }
    return work
  }

  return (chunk) => {
    const { runs, malformed } = parse(chunk)
    const sendTimeMs = now()
    const counts = { events: 0, filtered: 0, malformed: malformed.length, cut: 0, clamped: 0, invalid: 0 }
    out.length = 0
    let frames = 0

    const encodeRow = (encoder: EventEncoder, records: Records, row: number) => {
      encodeFrame(encoder, records, row, out, sendTimeMs)
      if (frames === ends.length) ends = grown(ends)
      ends[frames++] = out.length
      counts.cut += encoder.counts.cut
      counts.clamped += encoder.counts.clamped
      counts.invalid += encoder.counts.invalid
    }

    const encodeRun = (records: Records) => {
      const { encoder, filter, rewrite } = workFor(records.layout)
      const passed = filter === null ? allRows(records.count) : rowsThat(filter, records)
      counts.events += passed.length
      counts.filtered += records.count - passed.length
      if (rewrite === null) {
        for (const row of passed) encodeRow(encoder, records, row)
      } else {
        const rewritten = rewrite(records, passed)
        for (let row = 0; row < rewritten.count; row++) encodeRow(encoder, rewritten, row)
      }
    }
    runs.forEach(encodeRun)

    return {
      position: { fileId: chunk.file.id, offset: chunk.end, header: chunk.header },
      file: chunk.file,
      frames: out.bytes.subarray(0, out.length),
      ends: ends.subarray(0, frames),
      counts,
      malformed,
    }
  }
}

function allRows(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row)
}

/** Indices of the rows that the filter lets pass. */
function rowsThat(filter: Filter, records: Records): Uint32Array {
  const rows = new Uint32Array(records.count)
  let passed = 0
  for (let row = 0; row < records.count; row++) if (filter(records, row)) rows[passed++] = row
  return rows.subarray(0, passed)
}

function grown(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2)
  to.set(from)
  return to
}
