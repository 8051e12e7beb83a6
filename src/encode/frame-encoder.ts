/**
 * Event line → frame: syslog header in front, framing around it, and the limit of a whole message kept by
 * shortening the longest values, never by cutting the line.
 */
import type { Records } from '../types.ts'
import type { ByteWriter } from './byte-writer.ts'
import { type Caps, type EventEncoder, noCaps } from './event-encoder.ts'
import { parseEventTime } from './event-time.ts'
import type { Framing, SyslogOptions } from './options.ts'
import { createSyslogHeader, SYSLOG_HEADER_MAX_BYTES } from './syslog-header.ts'

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
}

/** Appends the frame of a row. `sendTimeMs`: epoch milliseconds, for headers that carry the send time. */
export type FrameEncoder = (
  encoder: EventEncoder,
  records: Records,
  row: number,
  out: ByteWriter,
  sendTimeMs: number,
) => void

/** Longest value any table writes, in bytes: where the search for a cap begins. */
const LONGEST_VALUE = 4096

export function createFrameEncoder(options: FrameOptions): FrameEncoder {
  const { framing, maxMessageBytes } = options
  const writeHeader = createSyslogHeader(options.syslog, options.host)
  const byEventTime = options.syslog.time === 'event'

  return (encoder, records, row, out, sendTimeMs) => {
    out.reserve(SYSLOG_HEADER_MAX_BYTES)
    const frameStart = out.length
    const eventTimeMs = byEventTime ? eventTime(encoder, records, row) : Number.NaN
    writeHeader(out, Number.isNaN(eventTimeMs) ? sendTimeMs : eventTimeMs, encoder.severity(records, row))
    const lineStart = out.length
    encoder.encode(records, row, out)
    if (out.length - frameStart > maxMessageBytes) {
      shorten(encoder, records, row, out, lineStart, maxMessageBytes - (lineStart - frameStart))
    }
    if (framing === 'lf') {
      out.reserve(1)
      out.writeByte(LF)
    } else if (framing === 'octet-counting') {
      writeLengthInFront(out, frameStart)
    }
  }
}

function eventTime(encoder: EventEncoder, records: Records, row: number): number {
  const column = encoder.timeColumn
  if (column < 0) return Number.NaN
  const index = row * records.layout.columns.length + column
  return parseEventTime(records.bytes, records.starts[index] as number, records.ends[index] as number)
}

/** Encodes the line again, with the largest cap under which it fits into `maxBytes`. */
function shorten(
  encoder: EventEncoder,
  records: Records,
  row: number,
  out: ByteWriter,
  lineStart: number,
  maxBytes: number,
): void {
  const fits = (caps: Caps): boolean => {
    out.length = lineStart
    encoder.encode(records, row, out, caps)
    return out.length - lineStart <= maxBytes
  }
  fits(findCaps(fits))
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
