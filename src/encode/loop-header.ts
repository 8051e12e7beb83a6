/** The syslog header as the hot loop writes it. */
import * as contract from '../hot-loop/contract.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import type { Words } from '../hot-loop/words.ts'
import type { SyslogOptions } from './options.ts'
import { hostOrigin, type SyslogHeader } from './syslog-header.ts'

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

/** `timeColumn`: -1 without one; `host`: what follows the time, of the rows at hand. */
export type LoopHeader = (timeColumn: number, sendTimeMs: number, host: Buffer) => HeaderWords

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
  options: SyslogOptions,
): LoopHeader | null {
  const { header: form, time, zone } = options
  if (header === null || form === 'none') return () => none
  const priorities = memory.keep(header.priorities.length * contract.PRIORITY_BYTES)
  const timeText = memory.keep(TIME_BYTES)
  const hostAt = memory.keep(contract.SYSLOG_HEADER_MAX_BYTES)
  if (priorities === undefined || timeText === undefined || hostAt === undefined) return null
  for (const [severity, priority] of header.priorities.entries()) {
    const kept = memory.keepBytes(priority)
    if (kept === undefined) return null
    memory.words.set(kept, (priorities + severity * contract.PRIORITY_BYTES) / 4)
  }
  // Each row has its own, which only the host can tell.
  const isOfRow = hostOrigin(options) === 'server'
  return (timeColumn, sendTimeMs, host) => {
    const byEvent = time === 'event' && timeColumn >= 0
    const ofEvent = zone === 'utc' ? kinds[form] : contract.SYSLOG_HOST
    const sent = header.timeText(sendTimeMs)
    memory.bytes.set(sent, timeText)
    memory.bytes.set(host, hostAt)
    return {
      [contract.ENCODE_SYSLOG]: isOfRow ? contract.SYSLOG_HOST : byEvent ? ofEvent : contract.SYSLOG_FIXED,
      [contract.ENCODE_PRIORITIES]: priorities,
      [contract.ENCODE_TIME]: timeText,
      [contract.ENCODE_TIME_LENGTH]: sent.length,
      [contract.ENCODE_HOST]: hostAt,
      [contract.ENCODE_HOST_LENGTH]: host.length,
      [contract.ENCODE_TIME_COLUMN]: timeColumn,
    }
  }
}
