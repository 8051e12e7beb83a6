/**
 * Takes the syslog header off a frame, strictly.
 *
 *   RFC 3164   <134>Nov 22 00:00:00 host CEF:0|…            (day padded with a space, no tag)
 *   ISO 8601   <134>2026-11-22T00:00:00.000Z host CEF:0|…   (as RFC 3164, but for the time)
 *   RFC 5424   <134>1 2026-11-22T00:00:00.000Z host app procid msgid SD CEF:0|…
 *   none       CEF:0|…
 */
import { quoted, type Violation } from './violation.ts'

/** A frame without its header. What the header does not say is null. */
export interface SyslogMessage {
  readonly format: 'rfc3164' | 'iso8601' | 'rfc5424' | 'none'
  /** 0–191: facility × 8 + severity. */
  readonly priority: number | null
  readonly facility: number | null
  readonly severity: number | null
  /** The time as it stands in the header. */
  readonly time: string | null
  readonly host: string | null
  readonly app: string | null
  /** Everything after the header; shares memory with the frame. */
  readonly message: Buffer
  /** Offset of `message` in the frame. */
  readonly messageOffset: number
}

/** The message, or what is wrong with its header: the first mistake, as the rest can't be told then. */
export type SyslogDecoded =
  | { readonly ok: true; readonly syslog: SyslogMessage }
  | { readonly ok: false; readonly errors: readonly Violation[] }

/** Longest header looked at: RFC 5424 with every field at its limit and room for structured data. */
const headerBytes = 8192

const shape3164 = /^([A-Z][a-z]{2}) ([ 0-9][0-9]) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([!-~]+) /
const time5424 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
/** Elements `[id name="value"…]`; a quote, backslash or bracket in a value has a backslash before it. */
const structuredData =
  /^(?:-|(?:\[[^\0- =\]"\x7f-\uffff]{1,32}(?: [^\0- =\]"\x7f-\uffff]{1,32}="(?:[^"\\\]]|\\[\s\S])*")*\])+) /
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Decodes the header of one frame; the frame is given without its line end or octet count. */
export function decodeSyslog(frame: Buffer): SyslogDecoded {
  // Latin-1 keeps one character a byte, so that offsets in the text are offsets in the frame.
  const text = frame.toString('latin1', 0, headerBytes)
  if (text.startsWith('CEF:')) return message(frame, 'none', null, null, null, null, 0)
  if (!text.startsWith('<')) return error(0, 'A frame must begin with <PRI> or CEF:.')
  const digits = /^<(0|[1-9][0-9]{0,2})>/.exec(text)
  if (digits === null || Number(digits[1]) > 191) {
    return error(1, 'The priority must be a number from 0 to 191 without leading zeros, closed by >.')
  }
  const start = digits[0].length
  return decoderFor(text.slice(start, start + 5))(frame, text, start, Number(digits[1]))
}

/** By what follows the priority: a version, a year or a month. */
function decoderFor(beginning: string): typeof decode3164 {
  if (/^\d{4}-/.test(beginning)) return decodeIso8601
  return /^\d/.test(beginning) ? decode5424 : decode3164
}

function decodeIso8601(frame: Buffer, text: string, start: number, priority: number): SyslogDecoded {
  const match = /^([^ ]+) ([!-~]{1,255}) /.exec(text.slice(start))
  if (match === null) {
    return error(start, 'After the priority there must be a time and a host, each followed by one space.')
  }
  const [whole, time = '', host = ''] = match
  if (!isTime5424(time)) {
    return error(start, `The time must be like 2026-11-22T00:00:00.000Z, not ${quoted(time)}.`)
  }
  return message(frame, 'iso8601', priority, time, host, null, start + whole.length)
}

function decode3164(frame: Buffer, text: string, start: number, priority: number): SyslogDecoded {
  const match = shape3164.exec(text.slice(start))
  if (match === null) {
    return error(
      start,
      'After the priority there must be "Mmm dd hh:mm:ss host ", each followed by one space.',
    )
  }
  const [whole, month = '', day = '', hour, minute, second, host = ''] = match
  const monthIndex = months.indexOf(month)
  if (monthIndex < 0) return error(start, `The month must be one of Jan to Dec, not ${quoted(month)}.`)
  if (day.startsWith('0')) {
    return error(start + 4, 'A day below ten must be padded with a space, not with a zero.')
  }
  if (Number(day) < 1 || Number(day) > longestMonth(monthIndex)) {
    return error(start + 4, `${month} has no day ${quoted(day.trim())}.`)
  }
  if (!isTimeOfDay(hour, minute, second)) {
    return error(start + 7, 'The time must lie between 00:00:00 and 23:59:59.')
  }
  return message(frame, 'rfc3164', priority, whole.slice(0, 15), host, null, start + whole.length)
}

/** Days of a month in a leap year: this header has no year. */
function longestMonth(monthIndex: number): number {
  return new Date(Date.UTC(2024, monthIndex + 1, 0)).getUTCDate()
}

function decode5424(frame: Buffer, text: string, start: number, priority: number): SyslogDecoded {
  const fields: string[] = []
  let at = start
  for (const { name, maxBytes } of fields5424) {
    const end = text.indexOf(' ', at)
    if (end < 0) return error(at, `The header ends before its ${name}.`)
    const field = text.slice(at, end)
    if (!/^[!-~]+$/.test(field) || field.length > maxBytes) {
      return error(at, `The ${name} must be 1 to ${maxBytes} printable ASCII characters.`)
    }
    if (name === 'version' && field !== '1') return error(at, 'The version must be 1.')
    if (name === 'timestamp' && field !== '-' && !isTime5424(field)) {
      return error(at, `The timestamp must be - or like 2026-11-22T00:00:00.000Z, not ${quoted(field)}.`)
    }
    fields.push(field)
    at = end + 1
  }
  const data = structuredData.exec(text.slice(at))
  if (data === null) return error(at, 'The structured data must be - or [id name="value"…], then a space.')
  const [, time = '-', host = '-', app = '-'] = fields
  const end = at + data[0].length
  return message(frame, 'rfc5424', priority, nil(time), nil(host), nil(app), end)
}

const fields5424 = [
  { name: 'version', maxBytes: 3 },
  { name: 'timestamp', maxBytes: 32 },
  { name: 'host', maxBytes: 255 },
  { name: 'app name', maxBytes: 48 },
  { name: 'process id', maxBytes: 128 },
  { name: 'message id', maxBytes: 32 },
] as const

function nil(field: string): string | null {
  return field === '-' ? null : field
}

function isTime5424(text: string): boolean {
  const match = time5424.exec(text)
  if (match === null) return false
  const [, year, month, day, hour, minute, second] = match
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  // A day that the month does not have rolls over into the next month.
  return (
    !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day) && isTimeOfDay(hour, minute, second)
  )
}

function isTimeOfDay(
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
): boolean {
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
}

function message(
  frame: Buffer,
  format: SyslogMessage['format'],
  priority: number | null,
  time: string | null,
  host: string | null,
  app: string | null,
  messageOffset: number,
): SyslogDecoded {
  const facility = priority === null ? null : priority >> 3
  const severity = priority === null ? null : priority & 7
  const body = frame.subarray(messageOffset)
  return {
    ok: true,
    syslog: { format, priority, facility, severity, time, host, app, message: body, messageOffset },
  }
}

function error(offset: number, reason: string): SyslogDecoded {
  return { ok: false, errors: [{ offset, reason }] }
}
