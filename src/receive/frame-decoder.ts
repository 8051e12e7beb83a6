/** Decodes a whole frame: the syslog header, then the CEF message in it. */
import { type CefEvent, decodeCef } from './cef-decoder.ts'
import { decodeSyslog, type SyslogMessage } from './syslog-decoder.ts'
import type { Violation } from './violation.ts'

/** Header and event, or everything that is wrong with the frame (offsets count from the frame's first byte). */
export type FrameDecoded =
  | { readonly ok: true; readonly syslog: SyslogMessage; readonly event: CefEvent }
  | { readonly ok: false; readonly errors: readonly Violation[] }

/** Decodes one frame, without its line end or octet count. */
export function decodeFrame(frame: Buffer): FrameDecoded {
  const header = decodeSyslog(frame)
  if (!header.ok) return header
  const { syslog } = header
  const cef = decodeCef(syslog.message)
  if (cef.ok) return { ok: true, syslog, event: cef.event }
  const errors = cef.errors.map(({ offset, reason }) => ({ offset: offset + syslog.messageOffset, reason }))
  return { ok: false, errors }
}
