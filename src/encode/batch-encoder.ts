/**
 * Rows → the frames of a batch. The usual runs in the hot loop (hot-loop/wasm/encode.ts); what is not usual, and records
 * that lie elsewhere, are written by `FrameEncoder`, byte for byte the same.
 */
import type { EventPlan } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import {
  ENCODE_BROKEN,
  ENCODE_CUT,
  ENCODE_HAS_OVERFLOW,
  ENCODE_IS_KEEPABLE,
  ENCODE_OUT,
  ENCODE_OUT_BASE,
  ENCODE_OUT_END,
  ENCODE_SEVERITY,
  SLACK_BYTES,
  SYSLOG_HEADER_MAX_BYTES,
} from '../hot-loop/contract.ts'
import type { Host, WorkMemory } from '../hot-loop/memory.ts'
import { compileProgram, type Program } from '../hot-loop/program.ts'
import { broughtIn } from '../hot-loop/records-in-memory.ts'
import { Ends } from '../records/ends.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Encoded, EncodeRows, Encoder } from './encoder.ts'
import { EventEncoder, noCaps } from './event-encoder.ts'
import { FrameEncoder, type FrameOptions } from './frame-encoder.ts'
import { type LoopHeader, loopHeader } from './loop-header.ts'
import { ALL_SLOTS_BYTES, jobWords } from './loop-job.ts'

/** What goes around an event line: the syslog header, room behind it until it is written, and a line feed or the length in front. */
const AROUND_MAX_BYTES = SYSLOG_HEADER_MAX_BYTES + SLACK_BYTES + 16

/** Longest time in milliseconds, as text. */
const RECEIPT_MAX_BYTES = 16

const noBytes = Buffer.alloc(0)

function noCounts() {
  return { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
}

/** What encodes the rows of one plan. */
interface PlanEncoder {
  readonly plan: EventPlan
  readonly events: EventEncoder
}

/** Frames of CEF. */
export class BatchEncoder implements Encoder {
  readonly #memory: WorkMemory
  readonly #options: FrameOptions
  readonly #frame: FrameEncoder
  readonly #header: LoopHeader | null
  /** Undefined when there is no room for them. */
  readonly #slots: number | undefined
  /** Where the receipt time stands as text; undefined when there is no room for it. */
  readonly #receiptAt: number | undefined
  /** Numbers of the sources by their names, which are configured: there are few. */
  readonly #sources = new Map<string, number>()
  /** Where programs are kept, and those that are there; null for a plan that is none of the loop's. */
  readonly #programsAt: number
  #programs = new WeakMap<PlanEncoder, Program | null>()
  /** Over the frames' part of the memory, until a batch outgrows it. */
  #out: ByteWriter
  readonly #host: ByteWriter
  readonly #ends = new Ends()
  #counts = noCounts()
  #sendTimeMs = 0

  constructor(memory: WorkMemory, options: FrameOptions) {
    this.#memory = memory
    this.#options = options
    this.#frame = new FrameEncoder(options)
    this.#header = loopHeader(memory, this.#frame.syslogHeader, options.syslog)
    this.#slots = memory.keep(ALL_SLOTS_BYTES)
    this.#receiptAt = memory.keep(RECEIPT_MAX_BYTES)
    this.#programsAt = memory.keptEnd
    this.#out = new ByteWriter(0)
    this.#host = new ByteWriter(0)
  }

  prepare(plan: EventPlan): EncodeRows {
    const encoder = { plan, events: new EventEncoder(plan, this.#options.unicodeControls) }
    return (records, rows) => this.#encode(encoder, records, rows)
  }

  begin(sendTimeMs: number): void {
    this.#sendTimeMs = sendTimeMs
    this.#ends.clear()
    this.#counts = noCounts()
    this.#out = new ByteWriter(this.#region())
  }

  #encode(encoder: PlanEncoder, records: Records, rows: Uint32Array): void {
    const { events } = encoder
    events.receivedMs = this.#sendTimeMs
    const program = this.#programOf(encoder)
    const here = program && broughtIn(this.#memory, records)
    if (program === null || here === null) this.#encodeElsewhere(events, records, rows)
    else this.#encodeHere(events, program, here, rows)
  }

  get frames(): number {
    return this.#ends.count
  }

  end(): Encoded {
    return {
      frames: this.#out.bytes.subarray(0, this.#out.length),
      ends: this.#ends.all,
      counts: this.#counts,
    }
  }

  #programOf(encoder: PlanEncoder): Program | null {
    const known = this.#programs.get(encoder)
    if (known !== undefined) return known
    const { plan, events } = encoder
    const isReady = this.#header !== null && this.#slots !== undefined && this.#receiptAt !== undefined
    const fits = isReady && this.#reserveFor(events) * 2 < this.#memory.frameBytes
    const compile = () => compileProgram(this.#memory, plan, events.headers.inputs, events)
    let program = fits ? compile() : null
    if (fits && program === null) {
      // The logs choose how many plans there are: the room is used anew.
      this.#memory.forget(this.#programsAt)
      this.#memory.bytes.fill(0, this.#slots, this.#programsAt)
      this.#programs = new WeakMap()
      program = compile()
    }
    this.#programs.set(encoder, program)
    return program
  }

  #encodeElsewhere(events: EventEncoder, records: Records, rows: Uint32Array): void {
    for (const row of rows) {
      this.#frame.encode(events, records, row, this.#out, this.#sendTimeMs)
      this.#ends.add(this.#out.length)
      this.#count(events)
    }
  }

  #encodeHere(events: EventEncoder, program: Program, records: Records, rows: Uint32Array): void {
    const { mostRows } = this.#memory
    for (let from = 0; from < rows.length; from += mostRows) {
      this.#encodeSome(events, program, records, rows.subarray(from, from + mostRows))
    }
  }

  #encodeSome(events: EventEncoder, program: Program, records: Records, rows: Uint32Array): void {
    const memory = this.#memory
    memory.words.set(rows, memory.rowsAt / 4)
    this.#writeJob(events, program, records, rows.length)
    const host = this.#hostFor(events, records)
    const job = memory.encodeJob
    let done = 0
    while (done < rows.length) {
      const isInRegion = this.#out.bytes.buffer === memory.bytes.buffer
      const outAt = memory.framesAt + (isInRegion ? this.#out.length : 0)
      job.set(ENCODE_OUT, outAt)
      job.set(ENCODE_OUT_END, memory.framesAt + memory.frameBytes)
      job.set(ENCODE_OUT_BASE, outAt - this.#out.length)
      const first = done
      done = memory.encode(done, host)
      const ends = memory.words.subarray(memory.frameEndsAt / 4 + first, memory.frameEndsAt / 4 + done)
      this.#ends.addAll(ends)
      const length = job.get(ENCODE_OUT) - outAt
      if (isInRegion) {
        this.#out.length += length
      } else {
        this.#out.reserve(length)
        this.#out.write(memory.bytes, outAt, outAt + length)
      }
      // What is there goes to a buffer of its own, and the loop can use its part of the memory again.
      if (done < rows.length && isInRegion) this.#out.reserve(memory.frameBytes)
    }
    this.#counts.cut += job.get(ENCODE_CUT)
    this.#counts.brokenHeaders += job.get(ENCODE_BROKEN)
  }

  #writeJob(events: EventEncoder, program: Program, records: Records, count: number): void {
    const header = this.#header as LoopHeader
    const receiptAt = this.#receiptAt as number
    const receipt = Buffer.from(String(this.#sendTimeMs))
    this.#memory.bytes.set(receipt, receiptAt)
    const job = jobWords(this.#memory, this.#options, {
      records,
      count,
      program,
      header: header(
        events.timeColumn,
        this.#sendTimeMs,
        this.#frame.syslogHeader === null ? noBytes : this.#frame.hostOf(records, 0),
      ),
      slots: this.#slots as number,
      receipt: [receiptAt, receipt.length],
      source: this.#sourceNumber(records.source),
      rowReserve: this.#reserveFor(events),
    })
    this.#memory.encodeJob.write(job)
  }

  /** What is unusual about a row, written where the loop stands. */
  #hostFor(events: EventEncoder, records: Records): Host {
    const { framesAt, encodeJob: job } = this.#memory
    const host = this.#host
    host.bytes = this.#region()
    const writeAt = (out: number, write: () => void): number => {
      host.length = out - framesAt
      write()
      return framesAt + host.length
    }
    return {
      value: (op, row, out) =>
        writeAt(out, () => {
          const outcome = events.writeValue(op, records, row, host)
          const isCounted = outcome === 'cut' || outcome === 'clamped' || outcome === 'invalid'
          if (isCounted) this.#counts[outcome]++
          if (outcome === 'clamped') job.set(ENCODE_HAS_OVERFLOW, 1)
          job.set(ENCODE_IS_KEEPABLE, isCounted ? 0 : 1)
        }),
      column: (op, row) => events.columnOf(op, records, row),
      header: (row, out) =>
        writeAt(out, () => {
          const { bytes, severity } = events.headers.of(records, row)
          job.set(ENCODE_SEVERITY, severity)
          host.write(bytes)
        }),
      syslog: (row, severity, out) =>
        writeAt(out, () => this.#frame.writeHeader(events, records, row, severity, host, this.#sendTimeMs)),
      overflows: (out) =>
        writeAt(out, () => {
          events.counts.cut = 0
          events.writeOverflows(host, noCaps.additional)
          this.#counts.cut += events.counts.cut
        }),
      shorten: (row, frameStart, lineStart) =>
        writeAt(lineStart, () => {
          // What the first attempt cut was counted already.
          events.encode(records, row, host)
          this.#count(events, -1)
          host.length = lineStart - framesAt
          this.#frame.shorten(events, records, row, host, frameStart - framesAt)
          this.#count(events)
        }),
    }
  }

  #count({ counts }: EventEncoder, sign = 1): void {
    this.#counts.cut += sign * counts.cut
    this.#counts.clamped += sign * counts.clamped
    this.#counts.invalid += sign * counts.invalid
    this.#counts.brokenHeaders += sign * counts.brokenHeaders
  }

  #sourceNumber(source: string): number {
    const known = this.#sources.get(source)
    if (known !== undefined) return known
    this.#sources.set(source, this.#sources.size)
    return this.#sources.size - 1
  }

  #region(): Buffer {
    const { bytes, framesAt, frameBytes } = this.#memory
    return bytes.subarray(framesAt, framesAt + frameBytes)
  }

  /** Room that one row needs at most. */
  #reserveFor(events: EventEncoder): number {
    return events.headers.maxBytes + events.maxExtensionBytes + AROUND_MAX_BYTES
  }
}
