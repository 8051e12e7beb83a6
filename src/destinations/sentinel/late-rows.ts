/** Which rows the service gives the time of their receipt, since they come more than two days late. */
import type { Rows } from '../https/rows.ts'

const keptMs = 2 * 86_400_000
/** Rows of both tables begin so, with a time in UTC behind it: as texts, earlier times are less. */
const before = Buffer.from('{"TimeGenerated":"')
const timeBytes = 24

/** How many of them; a row without a time is none of them. */
export function lateRows(rows: Rows, nowMs: number): number {
  const limit = Buffer.from(new Date(nowMs - keptMs).toISOString())
  let late = 0
  rows.forEach((bytes, start, end) => {
    const at = start + before.length
    if (at + timeBytes > end || bytes.compare(before, 0, before.length, start, at) !== 0) return
    if (bytes.compare(limit, 0, timeBytes, at, at + timeBytes) < 0) late++
  })
  return late
}
