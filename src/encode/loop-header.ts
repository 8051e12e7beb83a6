/** The syslog header as the hot loop writes it. */
import * as contract from '../hot-loop/contract.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import type { Words } from '../hot-loop/words.ts'
import type { SyslogOptions } from './options.ts'
import type { SyslogHeader } from './syslog-header.ts'

/** How the event's time in UTC is written in a header of this form. */
const kinds = {
  rfc3164: contract.SYSLOG_RFC_3164,
  iso8601: contract.SYSLOG_ISO_8601,
  // It differs from that only in what stands around the time.
  rfc5424: contract.SYSLOG_ISO_8601,
} as const

/** Longest time: that of RFC 5424 with an offset. */
const TIME_BYTES = 32

/** What the job says about the header of a batch's messages. */
export type HeaderWords = Pick<
  Words<'ENCODE'>,
  | typeof contract.ENCODE_SYSLOG
  | typeof contract.ENCODE_PRIORITIES
  | typeof contract.ENCODE_TIME
  | typeof contract.ENCODE_TIME_LENGTH
  | typeof contract.ENCODE_HOST
  | typeof contract.ENCODE_HOST_LENGTH
  | typeof contract.ENCODE_TIME_COLUMN
>

/** `timeColumn`: -1 without one. */
export type LoopHeader = (timeColumn: number, sendTimeMs: number) => HeaderWords

const none: HeaderWords = {
  [contract.ENCODE_SYSLOG]: contract.SYSLOG_NONE,
  [contract.ENCODE_PRIORITIES]: 0,
  [contract.ENCODE_TIME]: 0,
  [contract.ENCODE_TIME_LENGTH]: 0,
  [contract.ENCODE_HOST]: 0,
  [contract.ENCODE_HOST_LENGTH]: 0,
  [contract.ENCODE_TIME_COLUMN]: 0,
}

/** Puts the fixed parts of the header into memory; null when there is no room left in it. */
export function loopHeader(
  memory: WorkMemory,
  header: SyslogHeader | null,
  { header: form, time, zone }: SyslogOptions,
): LoopHeader | null {
  if (header === null || form === 'none') return () => none
  const priorities = memory.keep(header.priorities.length * contract.PRIORITY_BYTES)
  const timeText = memory.keep(TIME_BYTES)
  const host = memory.keepBytes(header.host)
  if (priorities === undefined || timeText === undefined || host === undefined) return null
  for (const [severity, priority] of header.priorities.entries()) {
    const kept = memory.keepBytes(priority)
    if (kept === undefined) return null
    memory.words.set(kept, (priorities + severity * contract.PRIORITY_BYTES) / 4)
  }
  return (timeColumn, sendTimeMs) => {
    const byEvent = time === 'event' && timeColumn >= 0
    const ofEvent = zone === 'utc' ? kinds[form] : contract.SYSLOG_HOST
    const sent = header.timeText(sendTimeMs)
    memory.bytes.set(sent, timeText)
    return {
      [contract.ENCODE_SYSLOG]: byEvent ? ofEvent : contract.SYSLOG_FIXED,
      [contract.ENCODE_PRIORITIES]: priorities,
      [contract.ENCODE_TIME]: timeText,
      [contract.ENCODE_TIME_LENGTH]: sent.length,
      [contract.ENCODE_HOST]: host[0],
      [contract.ENCODE_HOST_LENGTH]: host[1],
      [contract.ENCODE_TIME_COLUMN]: timeColumn,
    }
  }
}
