/**
 * How often what is looked at. Reading on a timer is the truth (change notifications of shares and of open
 * files can't be relied on); thousands of old files must cost next to nothing.
 */

/** Times in milliseconds, all to be measured with `performance.now()`: the clock of the machine may jump. */
export interface Pace {
  /** A folder whose time changed is listed once more after this: a change in the same tick does not show. */
  readonly tickMs: number
  /** A folder that can't be read is tried again after this. */
  readonly folderRetryMs: number
  /** A file is taken for deleted when it is still missing after this: shares come back with empty listings. */
  readonly confirmMs: number
  /** The head of a file is compared again after this, to notice other content under the same name. */
  readonly headCheckMs: number
  /** What a folder says about the size of a file is asked for again after this. */
  readonly surveyMs: number
  /** An old file whose size says that all of it is settled is opened all the same after this. */
  readonly verifyMs: number
  /** One of which its folder tells every change, and told none, is opened all the same after this. */
  readonly reopenMs: number
  /** Files of which hints tell are looked at together, so often at most: the poll is the batch timer. */
  readonly beatMs: number
  /** Of many folders so often. */
  readonly busyBeatMs: number
  /** A file that has grown for so long without a pause is looked at with each beat, where many are. */
  readonly steadyMs: number
  /** A file that grows is left open between its looks for so long; then who bears its name is asked anew. */
  readonly openMs: number
  /** Between two reads within a line that may never end others have their turns for so long. */
  readonly longLineMs: number
  /** Files are closed when the consumer asks for nothing for so long: a deleted file must be free to go. */
  readonly stallMs: number
  /** Between two looks at a folder that nobody reads, since its consumer asks for nothing. */
  readonly lookoutMs: number
  /** A file that grew within this time is taken to be still growing. */
  readonly livelyMs: number
  /** Nobody knows any more what a file has that was not looked at for so long, if it is one that is written to. */
  readonly unseenMs: number
  /** A refused file is looked at again after this: a readable one may have taken its place. */
  readonly refusedMs: number
  /** Which positions are of no use any more is asked this often. */
  readonly forgetMs: number
  /**
   * Whether the folder's own time changed is asked this often: new files show within half a second, or within a
   * second when none of its files grew for ten. More than 400 folders share what that costs: it takes longer then.
   */
  probeMs(quietMs: number): number
  /** Whatever its time says, a folder of so many files is listed this often; seldom where its time `tells` every change. */
  listMs(files: number, tells: boolean): number
  /**
   * Pause before a file is looked at again: a tenth of the time since it last grew, up to two seconds for the
   * newest of its prefix (longer when there are more than 400 folders), half a minute for the few before it, ten minutes for the rest. `age` 0 is the newest.
   */
  pollMs(quietMs: number, age: number): number
  /** Pause before an unreadable file is tried again, after so many failures in a row. */
  fileRetryMs(failures: number): number
  /**
   * When falls due what may wait `pauseMs`, and no longer, from `nowMs` on. Unless the pause is short that is at
   * times which are the same in all folders: to wake a processor for each look alone costs ten times as much.
   */
  dueAtMs(nowMs: number, pauseMs: number): number
}

const secondMs = 1_000
const minuteMs = 60 * secondMs

const livelyMs = 10 * secondMs
const livelyProbeMs = 500
const quietProbeMs = secondMs
const fastestMs = 200
const newestMs = 2 * secondMs
const recentMs = 30 * secondMs
const oldMs = 10 * minuteMs
const recentFiles = 3
/** What waits at least so long falls due at multiples of it. */
const stepsMs = [5 * secondMs, newestMs, quietProbeMs, livelyProbeMs]

/** True for a file with more than a few newer ones in its prefix: nobody writes to it any more, as a rule. */
export function isOld(age: number): boolean {
  return age > recentFiles
}

/** Looking at so many quiet folders takes some hundredths of a processor. */
const usualFolders = 400

/** The usual pace for a source of so many folders, or that pace with all times multiplied by `scale`. */
export function createPace(scale = 1, folders = 1): Pace {
  const crowd = Math.max(1, folders / usualFolders)
  return {
    tickMs: 2 * secondMs * scale,
    folderRetryMs: 3 * secondMs * scale,
    confirmMs: 10 * secondMs * scale,
    headCheckMs: 10 * secondMs * scale,
    surveyMs: minuteMs * scale,
    verifyMs: 60 * minuteMs * scale,
    reopenMs: 5 * minuteMs * scale,
    beatMs: 30 * scale,
    busyBeatMs: 45 * scale,
    steadyMs: secondMs * scale,
    openMs: 2 * secondMs * scale,
    longLineMs: 50 * scale,
    stallMs: 2 * secondMs * scale,
    lookoutMs: newestMs * crowd * scale,
    livelyMs: livelyMs * scale,
    unseenMs: livelyMs * crowd * scale,
    refusedMs: oldMs * scale,
    forgetMs: minuteMs * scale,
    probeMs: (quietMs) => (quietMs < livelyMs * scale ? livelyProbeMs : quietProbeMs * crowd) * scale,
    listMs: (files, tells) =>
      (tells ? minuteMs : Math.min(minuteMs, Math.max(5 * secondMs, files * 10))) * scale,
    pollMs(quietMs, age) {
      const longest = age === 0 ? newestMs * crowd : isOld(age) ? oldMs : recentMs
      const pauseMs = Math.max(fastestMs, Math.min(longest, quietMs / scale / 10))
      // Spread, or all the files of a folder would fall due together again and again.
      return (age > 0 && pauseMs > newestMs ? pauseMs * (0.5 + Math.random()) : pauseMs) * scale
    },
    fileRetryMs: (failures) => Math.min(minuteMs, 5 * secondMs * 2 ** (failures - 1)) * scale,
    dueAtMs(nowMs, pauseMs) {
      const stepMs = (stepsMs.find((each) => each * scale <= pauseMs) ?? 0) * scale
      const dueAtMs = nowMs + pauseMs
      return stepMs === 0 ? dueAtMs : Math.floor(dueAtMs / stepMs) * stepMs
    },
  }
}
