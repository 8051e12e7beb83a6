/**
 * How often what is looked at. Reading on a timer is the truth (change notifications of shares and of open
 * files can't be relied on); thousands of old files must cost next to nothing.
 */

/** Whether the folder's own time changed is asked this often: new files show within a second. */
export const probeMs = 500
/** Whatever its time says, the folder is listed this often. */
export const listMs = 5_000
/** A folder that can't be read is tried again after this. */
export const folderRetryMs = 3_000
/** The head of a file is compared again after this, to notice other content under the same name. */
export const headCheckMs = 10_000
/** A hint never makes a file be read sooner than this after the last time: the poll is the batch timer. */
export const hintPauseMs = 50
/** Files are closed when the consumer asks for nothing for so long: a deleted file must be free to go. */
export const stallMs = 2_000
/** A refused file is looked at again after this: a readable one may have taken its place. */
export const refusedMs = 10 * 60_000

const fastestMs = 200
const newestMs = 2_000
const recentMs = 30_000
const recentFiles = 3
const oldMs = 10 * 60_000

/**
 * Pause before a file is looked at again: a tenth of the time since it last grew, up to two seconds for the
 * newest of its prefix, half a minute for the few before it, ten minutes for the rest. `age` 0 is the newest.
 */
export function pollMs(quietMs: number, age: number): number {
  const longest = age === 0 ? newestMs : age <= recentFiles ? recentMs : oldMs
  const pause = Math.max(fastestMs, Math.min(longest, quietMs / 10))
  // Spread, or all the files of a folder would fall due together again and again.
  return pause > newestMs ? pause * (0.5 + Math.random()) : pause
}

/** Pause before an unreadable file is tried again, after so many failures in a row. */
export function fileRetryMs(failures: number): number {
  return Math.min(60_000, 5_000 * 2 ** (failures - 1))
}
