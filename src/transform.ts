/** The pure middle of the flow: chunk → records → events → frames, as one batch. */
import { BatchEncoder, type PlanEncoder } from './encode/batch-encoder.ts'
import type { FrameOptions } from './encode/frame-encoder.ts'
import type { Batches, EventPlan, Filter, Layout, Parser, Records, Rewrite, Transform } from './types.ts'
import type { WorkMemory } from './work-memory.ts'

export interface TransformOptions {
  /** The memory that `parse` works in, too. */
  readonly memory: WorkMemory
  readonly parse: Parser
  readonly planFor: (layout: Layout) => EventPlan
  /** The filter for a layout; null lets every row pass. */
  readonly filterFor: (layout: Layout) => Filter | null
  /** What becomes of the rows that passed, before they are encoded; null for nothing. */
  readonly rewriteFor?: (layout: Layout) => Rewrite | null
  readonly frame: FrameOptions
  /** Epoch milliseconds, for syslog headers that carry the send time. */
  readonly now: () => number
}

/** What a layout needs, made once. */
interface LayoutWork {
  readonly encoder: PlanEncoder
  readonly filter: Filter | null
  readonly rewrite: Rewrite | null
}

/** Creates a transform; a batch's frames are valid until it is called again. */
export function createTransform(options: TransformOptions): Transform {
  const { memory, parse, planFor, filterFor, rewriteFor, frame, now } = options
  const batch = new BatchEncoder(memory, frame)
  const select = createSelection()
  const works = new WeakMap<EventPlan, LayoutWork>()

  const workFor = (layout: Layout): LayoutWork => {
    const plan = planFor(layout)
    let work = works.get(plan)
    if (work === undefined) {
      const rewrite = rewriteFor?.(layout) ?? null
      work = { encoder: batch.prepare(plan), filter: filterFor(layout), rewrite }
      works.set(plan, work)
    }
    return work
  }

  return (chunk) => {
    const { runs, malformed } = parse(chunk)
    let events = 0
    let filtered = 0
    batch.begin(now())
    for (const records of runs) {
      const { encoder, filter, rewrite } = workFor(records.layout)
      const passed = select(records, filter)
      events += passed.length
      filtered += records.count - passed.length
      if (rewrite === null) {
        batch.encode(encoder, records, passed)
      } else {
        const rewritten = rewrite(records, passed)
        batch.encode(encoder, rewritten, select(rewritten, null))
      }
    }
    const { frames, ends, counts } = batch.end()
    return {
      start: chunk.start,
      position: { fileId: chunk.file.id, offset: chunk.end, header: chunk.header },
      file: chunk.file,
      frames,
      ends,
      counts: { events, filtered, malformed: malformed.length, ...counts },
      malformed,
    }
  }
}

/** Transforms each chunk when its batch is asked for. */
export function inTurn(transform: Transform): Batches {
  return async function* (chunks) {
    for await (const chunk of chunks) yield transform(chunk)
  }
}

/** Indices of the rows that a filter lets pass, in an array that is used again. */
function createSelection(): (records: Records, filter: Filter | null) => Uint32Array {
  let rows = new Uint32Array(1024)
  return (records, filter) => {
    if (records.count > rows.length) rows = new Uint32Array(records.count * 2)
    let passed = 0
    for (let row = 0; row < records.count; row++) {
      if (filter === null || filter(records, row)) rows[passed++] = row
    }
    return rows.subarray(0, passed)
  }
}
