/** What the tests of reports share: reports of every kind, and what a receiver makes of them. */
import type { FrameOptions } from '../../../src/encode/frame-encoder.ts'
import { frameShape } from '../../../src/encode/options.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { createPartParser } from '../../../src/parse/parser.ts'
import type { CefEvent } from '../../../src/receive/cef-decoder.ts'
import { decodeFrame } from '../../../src/receive/frame-decoder.ts'
import { reportPlan } from '../../../src/report/plan.ts'
import { type Report, type ReportValues, reportKinds } from '../../../src/report/report.ts'
import { createTransform } from '../../../src/transform/chunk-to-batch.ts'
import { onlyBatch } from '../../support/batches.ts'

export const atMs = Date.UTC(2026, 10, 22, 10, 0, 0, 123)

/** A report of the kind, with what it says. */
export function report(kind: keyof typeof reportKinds, values: Partial<ReportValues> = {}): Report {
  return { atMs, kind: reportKinds[kind], values: { message: 'something happened', ...values } }
}

/** Every value that a report can have, all texts the same; not all of them ever stand together. */
export function allValues(text: string): ReportValues {
  return {
    message: text,
    outcome: 'failure',
    reason: text,
    source: text,
    file: text,
    destination: text,
    receiver: text,
    count: 2 ** 31 - 1,
    filtered: Number.MAX_SAFE_INTEGER,
    malformed: 0,
    rejected: 1,
    lostBytes: Number.MAX_SAFE_INTEGER,
    offset: 0,
    startedMs: 0,
    lastDeliveredMs: atMs,
  }
}

const frame: FrameOptions = {
  syslog: frameShape.syslog.parse(undefined),
  host: 'collector',
  framing: 'datagram',
  maxMessageBytes: 65_536,
}

/** The batch that a destination gets for a chunk of reports. */
export function batchFor(chunk: Chunk, changes: Partial<FrameOptions> = {}, cefVersion: 0 | 1 = 0): Batch {
  const plan = reportPlan('1.2.3', cefVersion)
  const memory = new WorkMemory()
  const transform = createTransform({
    memory,
    parse: createPartParser(memory),
    planFor: () => plan,
    filterFor: () => null,
    frame: { ...frame, ...changes },
    now: () => 0,
  })
  return onlyBatch(transform(chunk))
}

/** The events of a batch of datagrams as a strict receiver reads them; throws when it refuses one. */
export function decoded({ frames, ends }: Batch): readonly CefEvent[] {
  return [...ends].map((end, index) => {
    const result = decodeFrame(Buffer.from(frames.subarray(ends[index - 1] ?? 0, end)))
    if (!result.ok) throw new Error(result.errors.map(({ reason }) => reason).join('\n'))
    return result.event
  })
}
