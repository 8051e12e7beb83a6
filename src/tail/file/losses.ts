/**
 * Data that can't be delivered any more. Each byte is reported once: what was not read when its file goes,
 * and what was read but not settled when that turns out, which is when reading starts again before it.
 *
 * What can't be known, and is not guessed at:
 * - files that came and went between two listings, or while nothing was running (gaps in the numbers and
 *   hours of the names prove nothing: Exchange leaves some itself);
 * - what was appended after the last look at a file, if it goes before the next one. A file that may have grown in
 *   between is told with an unknown number of bytes;
 * - after a restart, the end of a file that has gone: a position says how far a file was settled, not how
 *   long it was. Files are read in order, so only the newest one with a position can have had more; for it
 *   the number of bytes is unknown. An older one that could not be read for a while escapes this rule;
 * - what was in flight when a file was shortened.
 */

import type { Positions } from '../../flow/chunk.ts'
import type { Listener, Loss, LossCause } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { knownEnd, mayHaveGrown, type Unseen } from './known-end.ts'
import type { KnownIds } from './known-ids.ts'
import type { TrackedFile } from './tracked-file.ts'

/** The end of a file that is not settled. */
type Rest = Pick<Loss, 'fileId' | 'bytes' | 'offset'>

/** What was read of a file that is no more: settled or not, which a rewind tells. */
interface Departed {
  readonly path: string
  readonly cause: LossCause
  readonly start: number
  readonly end: number
}

const messages: Readonly<Record<LossCause, string>> = {
  deleted: 'A log file was deleted before it was delivered; the rest of it is lost',
  replaced: 'A log file was replaced before it was delivered; the rest of the old one is lost',
  shortened: 'A log file was shortened before it was delivered; what was cut off is lost',
}
const unknownRest = 'A log file was deleted; what nobody has seen of it, if there was more, is lost'
const retention =
  'deliver faster or let the server keep its logs longer: Set-TransportService -MessageTrackingLogMaxDirectorySize'
const leaveAlone = 'let nothing but Exchange write into the folder; copy logs under names of their own'
const remedies: Readonly<Record<LossCause, string>> = {
  deleted: retention,
  replaced: leaveAlone,
  shortened: leaveAlone,
}

/** The losses of one source. */
export class Losses {
  readonly #source: string
  readonly #log: Log
  readonly #events: Listener
  readonly #unseen: Unseen
  readonly #departed = new Map<string, Departed>()

  constructor(source: string, log: Log, events: Listener, unseen: Unseen) {
    this.#source = source
    this.#log = log
    this.#events = events
    this.#unseen = unseen
  }

  /**
   * The content of `file` is gone, but for the first `keptBytes` of it. `reached`: how far reading is;
   * `known`: what the positions said when reading began.
   */
  depart(file: TrackedFile, cause: LossCause, reached: Positions, known: KnownIds, keptBytes = 0): void {
    const { path } = file
    const { start } = file.content.extent
    const rest = this.#restOf(file, cause, reached, known, keptBytes)
    if (rest !== null) this.#report({ path, cause, ...rest })
    const fileId = idOf(file, known)
    const reachedTo = (fileId === null ? undefined : reached.get(fileId)?.offset) ?? start
    // A shortened file is still there and keeps its id: its next position may be anywhere.
    if (fileId !== null && reachedTo > start && cause !== 'shortened') {
      this.#departed.set(fileId, { path, cause, start, end: reachedTo })
    }
  }

  /**
   * Reading has ended before it could be confirmed that `file` is gone. Says so and is true when not all of it is
   * settled: after the next start nobody may know of it.
   */
  missing(file: TrackedFile, settled: Positions, known: KnownIds): boolean {
    const rest = this.#restOf(file, 'deleted', settled, known)
    if (rest === null) return false
    this.#log.error(
      'A log file was missing at the stop; unless it comes back, what was not delivered of it is lost',
      {
        source: this.#source,
        file: file.path,
        bytes: rest.bytes ?? 'unknown',
        offset: rest.offset,
        remedy: retention,
      },
    )
    return true
  }

  /** A file that was taken for gone is there. */
  returned(fileId: string): void {
    this.#departed.delete(fileId)
  }

  /** Reading starts again from `positions`: what was read behind them is not settled, and never will be. */
  rewind(positions: Positions): void {
    for (const [fileId, { path, cause, start, end }] of this.#departed) {
      const offset = positions.get(fileId)?.offset ?? start
      if (offset < end) this.#report({ path, fileId, cause, bytes: end - offset, offset })
    }
    this.#departed.clear()
  }

  /** The positions of these files are dropped; nobody will ask for them again. */
  forget(fileIds: readonly string[]): void {
    for (const id of fileIds) this.#departed.delete(id)
  }

  #restOf(
    file: TrackedFile,
    cause: LossCause,
    reached: Positions,
    known: KnownIds,
    keptBytes?: number,
  ): Rest | null {
    const rest = restOf(file, cause, reached, known, keptBytes)
    if (rest !== null || cause !== 'deleted' || !mayHaveGrown(file, this.#unseen)) return rest
    const fileId = idOf(file, known)
    const offset = (fileId === null ? undefined : reached.get(fileId)?.offset) ?? file.content.extent.start
    return { fileId, bytes: null, offset }
  }

  #report(loss: Omit<Loss, 'source'>): void {
    const { path, cause, bytes, offset } = loss
    this.#log.error(bytes === null ? unknownRest : messages[cause], {
      source: this.#source,
      file: path,
      bytes: bytes ?? 'unknown',
      offset,
      remedy: remedies[cause],
    })
    this.#events.lost?.({ source: this.#source, ...loss })
  }
}

function idOf(file: TrackedFile, known: KnownIds): string | null {
  return file.id ?? known.idOf(file.name)
}

/** What of a file lies behind `reached` and its first `keptBytes`; null for nothing, or nothing worth a guess. */
function restOf(
  file: TrackedFile,
  cause: LossCause,
  reached: Positions,
  known: KnownIds,
  keptBytes = 0,
): Rest | null {
  const fileId = idOf(file, known)
  const position = fileId === null ? undefined : reached.get(fileId)
  const offset = Math.max(position?.offset ?? file.content.extent.start, keptBytes)
  const end = knownEnd(file, cause === 'deleted')
  if (end !== null) return end > offset ? { fileId, bytes: end - offset, offset } : null
  // A file that is still there, and shorter than what is settled of it, need not have had more.
  if (cause === 'shortened') return null
  return position === undefined || !known.hasNewer(file.order) ? { fileId, bytes: null, offset } : null
}
