/**
 * The rule that every row has to keep, whatever its number of columns: its date-time is one. Columns can be so many
 * by chance; a date in front hardly.
 */
import { textBefore } from '../flow/chunk.ts'
import { parseEventTime } from '../records/event-time.ts'

/** True when this is a time as the logs write it. */
export function isTime(text: Uint8Array): boolean {
  return !Number.isNaN(parseEventTime(text, 0, text.length))
}

/** Why a row is none whose date-time is this text (latin1). */
export function whyNoTime(text: string): string {
  const behind = /[\s:>\]](\d{4}-\d\d-\d\dT[\d:.]+Z?)$/.exec(text)?.[1]
  return behind !== undefined && isTime(Buffer.from(behind))
    ? textBefore
    : 'its date-time is no date and time'
}
