/** The log's `yyyy-MM-ddTHH:mm:ss.fffZ` as epoch milliseconds, by its digits. */

const shape = Buffer.from('dddd-dd-ddTdd:dd:dd')
const DIGIT = 0x64
const DOT = 0x2e
const LETTER_Z = 0x5a

let cachedDay = -1
let cachedDayMs = 0

/**
 * Epoch milliseconds of the UTC time in bytes[start … end), NaN when it is no such time. A fraction of any
 * length and the final `Z` may be missing; digits beyond the milliseconds are dropped.
 */
export function parseEventTime(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < shape.length) return Number.NaN
  for (let at = 0; at < shape.length; at++) {
    const expected = shape[at] as number
    const byte = bytes[start + at] as number
    if (expected === DIGIT ? !isDigit(byte) : byte !== expected) return Number.NaN
  }
  const dayMs = startOfDay(bytes, start)
  const hour = twoDigits(bytes, start + 11)
  const minute = twoDigits(bytes, start + 14)
  const second = twoDigits(bytes, start + 17)
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN
  let at = start + shape.length
  let millis = 0
  if (at < end && bytes[at] === DOT) {
    at++
    for (let weight = 100; at < end && isDigit(bytes[at] as number); at++, weight = Math.floor(weight / 10)) {
      millis += ((bytes[at] as number) - 0x30) * weight
    }
  }
  if (at < end && bytes[at] === LETTER_Z) at++
  if (at !== end) return Number.NaN
  return dayMs + ((hour * 60 + minute) * 60 + second) * 1000 + millis
}

/** Consecutive records are nearly always of one day, so the calendar is asked once a day. */
function startOfDay(bytes: Uint8Array, start: number): number {
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const month = twoDigits(bytes, start + 5)
  const day = twoDigits(bytes, start + 8)
  const key = (year * 100 + month) * 100 + day
  if (key !== cachedDay) {
    cachedDay = key
    const ms = Date.UTC(year, month - 1, day)
    // Date.UTC rolls 30 February over to March, and takes the year 70 for 1970: there is no such day.
    const exists = year >= 1970 && month >= 1 && month <= 12 && new Date(ms).getUTCDate() === day
    cachedDayMs = exists ? ms : Number.NaN
  }
  return cachedDayMs
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - 0x30) * 10 + ((bytes[at + 1] as number) - 0x30)
}
