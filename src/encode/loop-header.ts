/** The syslog header as the hot loop writes it: see `EncodeJob` in wasm/encode.ts. */
import type { WorkMemory } from '../hot-loop/memory.ts'
import type { SyslogOptions } from './options.ts'
import type { SyslogHeader } from './syslog-header.ts'

/** In the order of the constants in wasm/encode.ts. */
const kinds = ['none', 'rfc3164', 'iso8601', 'fixed', 'host'] as const

/** Longest time: that of RFC 5424 with an offset. */
const TIME_BYTES = 32

/** What the job says about the header of a batch's messages, in its order; `timeColumn`: -1 without one. */
export type LoopHeader = (timeColumn: number, sendTimeMs: number) => readonly number[]

/** Puts the fixed parts of the header into memory; null when there is no room left in it. */
export function loopHeader(
  memory: WorkMemory,
  header: SyslogHeader | null,
  { header: form, time, zone }: SyslogOptions,
): LoopHeader | null {
  if (header === null || form === 'none') return () => [kinds.indexOf('none'), 0, 0, 0, 0, 0, 0]
  const priorities = memory.keep(header.priorities.length * 8)
  const timeText = memory.keep(TIME_BYTES)
  const host = memory.keepBytes(header.host)
  if (priorities === undefined || timeText === undefined || host === undefined) return null
  for (const [severity, priority] of header.priorities.entries()) {
    const kept = memory.keepBytes(priority)
    if (kept === undefined) return null
    memory.words.set(kept, priorities / 4 + severity * 2)
  }
  return (timeColumn, sendTimeMs) => {
    const byEvent = time === 'event' && timeColumn >= 0
    // The headers of RFC 5424 and that of RFC 3164 with its time differ only in what stands around the time.
    const ofEvent = form === 'rfc5424' ? 'iso8601' : form
    const kind = byEvent ? (zone === 'utc' ? ofEvent : 'host') : 'fixed'
    const sent = header.timeText(sendTimeMs)
    memory.bytes.set(sent, timeText)
    return [kinds.indexOf(kind), priorities, timeText, sent.length, ...host, timeColumn]
  }
}
