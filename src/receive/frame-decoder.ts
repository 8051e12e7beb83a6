/** Decodes a whole frame: the syslog header, then the CEF message in it; or the JSON object that it is. */
import { type CefEvent, decodeCef } from './cef-decoder.ts'
import { decodeJson } from './json-decoder.ts'
import { decodeSyslog, type SyslogMessage } from './syslog-decoder.ts'
import type { Violation } from './violation.ts'

/** Header and event, or everything that is wrong with the frame (offsets count from the frame's first byte). */
export type FrameDecoded =
  | { readonly ok: true; readonly syslog: SyslogMessage; readonly event: CefEvent }
  | { readonly ok: false; readonly errors: readonly Violation[] }

const brace = 0x7b
const noHeader = {
  format: 'none',
  priority: null,
  facility: null,
  severity: null,
  time: null,
  host: null,
  app: null,
  messageOffset: 0,
} as const

/** Decodes one frame, without its line end or octet count. */
export function decodeFrame(frame: Buffer): FrameDecoded {
  if (frame[0] === brace) {
    const json = decodeJson(frame)
    return json.ok ? { ...json, syslog: { ...noHeader, message: frame } } : json
  }
  const header = decodeSyslog(frame)
  if (!header.ok) return header
  const { syslog } = header
  const cef = decodeCef(syslog.message)
  if (cef.ok) return { ok: true, syslog, event: cef.event }
  const errors = cef.errors.map(({ offset, reason }) => ({ offset: offset + syslog.messageOffset, reason }))
  return { ok: false, errors }
}
