/**
 * How long Exchange keeps a log, as far as its folder tells. Exchange deletes by age (30 days unless it is told otherwise)
 * and, for the logs of each prefix, by the size of all of them (1,000 MB unless it is told otherwise). Neither setting can
 * be seen from here; so this is an estimate:
 *
 *   a deletion was seen                as old as the oldest log was that stayed
 *   the oldest log is older than that  nothing: the setting is another one, or nobody deletes
 *   else                               30 days, or less where the logs of a prefix reach 1,000 MB sooner as they grow
 */
import type { Retention } from './snapshot.ts'

/** A log of the folder. */
export interface KeptLog {
  readonly prefix: string
  readonly size: number
  readonly begunAtMs: number
}

const dayMs = 24 * 3_600_000
const usualMs = 30 * dayMs
/** Logs are deleted some hours after they are too old. */
const slackMs = 2 * dayMs
const usualBytes = 1_000 * 1024 * 1024
/** A server that has written for less than that says nothing of how fast it grows. */
const leastMs = dayMs

/** `deletedKeptMs`: how old the oldest log was after a deletion that was seen. */
export function estimateRetention(
  logs: readonly KeptLog[],
  nowMs: number,
  deletedKeptMs: number | null,
): Retention | null {
  if (deletedKeptMs !== null) return { keepsSeconds: Math.round(deletedKeptMs / 1000), by: 'seen' }
  if (logs.length === 0) return null
  const prefixes = new Map<string, { bytes: number; begunAtMs: number }>()
  for (const { prefix, size, begunAtMs } of logs) {
    const of = prefixes.get(prefix) ?? { bytes: 0, begunAtMs }
    prefixes.set(prefix, { bytes: of.bytes + size, begunAtMs: Math.min(of.begunAtMs, begunAtMs) })
  }
  let keepsMs = usualMs
  for (const { bytes, begunAtMs } of prefixes.values()) {
    const ageMs = nowMs - begunAtMs
    if (ageMs > usualMs + slackMs) return null
    if (ageMs >= leastMs && bytes > 0)
      keepsMs = Math.min(keepsMs, Math.max(ageMs, (ageMs * usualBytes) / bytes))
  }
  return { keepsSeconds: Math.round(keepsMs / 1000), by: keepsMs < usualMs ? 'size' : 'age' }
}
