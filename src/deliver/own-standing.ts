/** What a pipeline has to do with a destination that keeps positions itself: theirs count, and ours are a copy. */
import type { Checkpoint, Destination, OwnPositions, Superseded, Unavailable } from '../flow/delivery.ts'
import type { Log } from '../flow/log.ts'
import type { Progress } from './progress.ts'

/** What it works with. */
interface OwnStandingOptions {
  readonly ownPositions: OwnPositions
  readonly checkpoint: Checkpoint
  readonly progress: Progress
  readonly stop: AbortSignal
}

/** How far all is settled, as the destination tells. */
export class OwnStanding {
  readonly #options: OwnStandingOptions
  /** What is saved is known to be a copy. */
  #isCopy = false

  constructor(options: OwnStandingOptions) {
    this.#options = options
  }

  /** Takes the positions that the destination has; undefined, or why it does not tell. To be called before each reading. */
  async learn(): Promise<Unavailable | Superseded | undefined> {
    const { ownPositions, checkpoint, progress, stop } = this.#options
    const isCopy = this.#isCopy || ((await checkpoint.isCopy?.()) ?? null)
    const underNewNames: Checkpoint['underNewNames'] = (positions) =>
      checkpoint.underNewNames?.(positions) ?? positions
    const found = await ownPositions.load({ positions: progress.positions, isCopy, underNewNames }, stop)
    if ('status' in found) return found
    // Before anything is sent: what is on disk would else count at the next start, and be older by then.
    this.#isCopy = (await progress.replace(found)) || this.#isCopy
    if (this.#isCopy) return undefined
    return { status: 'unavailable', reason: 'positions can not be saved in the state folder' }
  }
}

/** Files that are no more, of which the destination hears as well. */
export function forgetting(
  { ownPositions }: Destination,
  gone: () => readonly string[] = () => [],
): () => readonly string[] {
  return () => {
    const fileIds = gone()
    if (fileIds.length > 0) ownPositions?.forget(fileIds)
    return fileIds
  }
}

/** `resumes`: the destination that a person may have take over here; null where nobody can. */
export function tellSuperseded(
  log: Log,
  fields: Readonly<Record<string, unknown>>,
  reason: string,
  resumes: string | null,
): void {
  log.error('Another instance delivers in place of this one, which stops', {
    ...fields,
    reason,
    remedy:
      resumes === null
        ? 'let one of both run, or give each an id of its own'
        : `stop one of both; \`msgtrk resume ${resumes}\` has this one take over`,
  })
}
