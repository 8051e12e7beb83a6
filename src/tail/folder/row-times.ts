/** When rows of a chunk were written, as far as their first field tells. */
import type { Chunk } from '../../flow/chunk.ts'
import { parseEventTime } from '../../records/event-time.ts'

const timeLength = 'yyyy-MM-ddTHH:mm:ss.fffZ'.length
const lineFeed = 0x0a

/** In milliseconds since 1970; NaN for a chunk that holds no row, or whose time is elsewhere. */
export function firstTimeMs({ bytes }: Chunk): number {
  return timeAt(bytes, 0)
}

/** As `firstTimeMs`, of the last row. */
export function lastTimeMs({ bytes }: Chunk): number {
  return timeAt(bytes, bytes.lastIndexOf(lineFeed, Math.max(0, bytes.length - 2)) + 1)
}

function timeAt(bytes: Uint8Array, at: number): number {
  return parseEventTime(bytes, at, Math.min(bytes.length, at + timeLength))
}
