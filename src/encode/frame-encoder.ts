/**
 * Event line → frame: syslog header in front, framing around it, and the limit of a whole message kept by
 * shortening the longest values, never by cutting the line.
 */

import type { Records } from '../flow/records.ts'
import { HEADER_MARK_BYTES, SYSLOG_HEADER_MAX_BYTES } from '../hot-loop/contract.ts'
import { parseEventTime } from '../records/event-time.ts'
import type { ByteWriter } from './byte-writer.ts'
import { type Caps, type EventEncoder, noCaps } from './event-encoder.ts'
import type { Framing, HostOrigin, SyslogOptions } from './options.ts'
import { breakHeaders } from './protect-header.ts'
import { serverOf } from './server-name.ts'
import { hostOrigin, SyslogHeader } from './syslog-header.ts'
import type { UnicodeControls } from './unicode-controls.ts'

const LF = 0x0a
const SPACE = 0x20

/** How frames are told apart; `datagram`: one frame each, nothing around it. */
export type FrameKind = Framing | 'datagram'

export interface FrameOptions {
  readonly syslog: SyslogOptions
  /** Host for the header when `syslog` names none. */
  readonly host: string
  readonly framing: FrameKind
  /** Limit of a message in bytes, its framing not counted. */
  readonly maxMessageBytes: number
  /** See protect-header.ts; false by default. */
  readonly protectHeader?: boolean | undefined
  /** What is replaced beside ASCII's control characters; `keep`, nothing, by default. */
  readonly unicodeControls?: UnicodeControls | undefined
}

/** Longest value any table writes, in bytes: where the search for a cap begins. */
const LONGEST_VALUE = 4096

export class FrameEncoder {
  /** Null when no header is wanted. */
  readonly syslogHeader: SyslogHeader | null
  readonly #options: FrameOptions
  readonly #hostOrigin: HostOrigin | null

  constructor(options: FrameOptions) {
    this.#options = options
    this.#hostOrigin = hostOrigin(options.syslog)
    this.syslogHeader =
      options.syslog.header === 'none' ? null : new SyslogHeader(options.syslog, options.host)
  }

  /** Appends the frame of a row. `sendTimeMs`: epoch milliseconds, for headers that carry the send time and for the receipt time. */
  encode(events: EventEncoder, records: Records, row: number, out: ByteWriter, sendTimeMs: number): void {
    const { framing, maxMessageBytes, protectHeader = false } = this.#options
    const frameStart = out.length
    events.receivedMs = sendTimeMs
    this.writeHeader(events, records, row, events.severity(records, row), out, sendTimeMs)
    const lineStart = out.length
    events.encode(records, row, out)
    if (out.length - frameStart > maxMessageBytes) {
      out.length = lineStart
      this.shorten(events, records, row, out, frameStart)
    }
    if (protectHeader) {
      events.counts.brokenHeaders =
        breakHeaders(out.bytes, frameStart, lineStart) +
        breakHeaders(out.bytes, lineStart + HEADER_MARK_BYTES, out.length)
    }
    if (framing === 'lf') {
      out.reserve(1)
      out.writeByte(LF)
    } else if (framing === 'octet-counting') {
      writeLengthInFront(out, frameStart)
    }
  }

  /** Appends the syslog header of a row, for its severity, 0–10. */
  writeHeader(
    events: EventEncoder,
    records: Records,
    row: number,
    severity: number,
    out: ByteWriter,
    sendTimeMs: number,
  ): void {
    if (this.syslogHeader === null) return
    const byEventTime = this.#options.syslog.time === 'event'
    const eventTimeMs = byEventTime ? eventTime(events, records, row) : Number.NaN
    const timeMs = Number.isNaN(eventTimeMs) ? sendTimeMs : eventTimeMs
    out.reserve(SYSLOG_HEADER_MAX_BYTES)
    this.syslogHeader.write(out, timeMs, severity, this.hostOf(records, row))
  }

  /** What the header says behind the time; there must be one. */
  hostOf(records: Records, row: number): Buffer {
    const header = this.syslogHeader as SyslogHeader
    if (this.#hostOrigin === null) return header.host
    const server = this.#hostOrigin === 'server' ? serverOf(records, row) : ''
    return header.hostOf(server === '' ? records.source : server)
  }

  /** Appends the event line with the largest cap under which the message, begun at `frameStart`, fits. */
  shorten(events: EventEncoder, records: Records, row: number, out: ByteWriter, frameStart: number): void {
    const lineStart = out.length
    const maxBytes = this.#options.maxMessageBytes - (lineStart - frameStart)
    const fits = (caps: Caps): boolean => {
      out.length = lineStart
      events.encode(records, row, out, caps)
      return out.length - lineStart <= maxBytes
    }
    fits(findCaps(fits))
  }
}

function eventTime(encoder: EventEncoder, records: Records, row: number): number {
  const column = encoder.timeColumn
  if (column < 0) return Number.NaN
  const index = row * records.layout.columns.length + column
  return parseEventTime(records.bytes, records.starts[index] as number, records.ends[index] as number)
}

/** Additional data gives way first, then the other text, then the fields of the CEF header. */
function findCaps(fits: (caps: Caps) => boolean): Caps {
  if (fits({ ...noCaps, additional: 0 })) {
    return { ...noCaps, additional: largest((additional) => fits({ ...noCaps, additional })) }
  }
  if (fits({ ...noCaps, additional: 0, fields: 0 })) {
    return {
      ...noCaps,
      additional: 0,
      fields: largest((fields) => fits({ ...noCaps, additional: 0, fields })),
    }
  }
  return { additional: 0, fields: 0, header: largest((header) => fits({ additional: 0, fields: 0, header })) }
}

/** The largest cap that fits, by halving; 0 is taken to fit. */
function largest(fits: (cap: number) => boolean): number {
  let low = 0
  let high = LONGEST_VALUE
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}

/** Octet counting (RFC 6587): the message's length in bytes and a space in front of it. */
function writeLengthInFront(out: ByteWriter, start: number): void {
  const prefix = String(out.length - start)
  out.reserve(prefix.length + 1)
  out.bytes.copyWithin(start + prefix.length + 1, start, out.length)
  out.bytes.write(prefix, start, 'latin1')
  out.bytes[start + prefix.length] = SPACE
  out.length += prefix.length + 1
}
