import type { Position, Positions } from '../flow/chunk.ts'
import type { Checkpoint } from '../flow/delivery.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { LoggedTrouble } from '../flow/trouble.ts'

const SAVE_EVERY_MS = 1_000

/** What progress starts from and where it is kept. */
export interface ProgressOptions {
  readonly name: string
  readonly checkpoint: Checkpoint
  /** As loaded from the checkpoint. */
  readonly positions: Positions
  readonly log: Log
  /** Ids of files that are no more; their positions are dropped at the next save. */
  readonly gone?: (() => readonly string[]) | undefined
  /** Hears of each save. */
  readonly events?: Listener | undefined
}

/**
 * The committed positions of one pipeline, saved at most once a second and never twice at once. A save that
 * fails is tried again a second later while delivery goes on: the positions on disk are then merely older.
 */
export class Progress {
  readonly #name: string
  readonly #checkpoint: Checkpoint
  readonly #positions: Map<string, Position>
  readonly #gone: () => readonly string[]
  readonly #trouble: LoggedTrouble
  readonly #events: Listener
  #unsaved = false
  #closed = false
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> | undefined

  constructor({ name, checkpoint, positions, log, gone = () => [], events = {} }: ProgressOptions) {
    this.#name = name
    this.#checkpoint = checkpoint
    this.#positions = new Map(positions)
    this.#gone = gone
    this.#events = events
    this.#trouble = new LoggedTrouble(
      log,
      'error',
      'Positions can not be saved; delivery goes on, but a restart now would repeat events',
      'Positions are saved again',
    )
  }

  /** As they are now, and not to be kept: they go on changing. */
  get committed(): Positions {
    return this.#positions
  }

  /** A copy: where reading starts, or starts again after a rewind. */
  get positions(): Positions {
    return new Map(this.#positions)
  }

  /** Whether some of the events of a row are settled and others are not. */
  get isInsideRow(): boolean {
    return [...this.#positions.values()].some(({ settledEvents }) => settledEvents !== undefined)
  }

  /** All before `position` is settled. */
  commit(position: Position): void {
    this.#positions.set(position.fileId, position)
    this.#unsaved = true
    this.#schedule()
  }

  /** These are the positions now, as who keeps them tells; resolves when they are saved, false when that failed. */
  async replace(positions: Positions): Promise<boolean> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#saving
    this.#positions.clear()
    for (const [fileId, position] of positions) this.#positions.set(fileId, position)
    await this.#save()
    return !this.#unsaved
  }

  /** Saves what is unsaved for the last time; false when that failed. */
  async close(): Promise<boolean> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#saving
    if (this.#unsaved) await this.#save()
    return !this.#unsaved
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#saving !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#saving = this.#save().finally(() => {
        this.#saving = undefined
        if (this.#unsaved) this.#schedule()
      })
    }, SAVE_EVERY_MS)
  }

  async #save(): Promise<void> {
    for (const fileId of this.#gone()) this.#positions.delete(fileId)
    this.#unsaved = false
    try {
      await this.#checkpoint.save(knownToAll(this.#positions))
      this.#trouble.over({ pipeline: this.#name })
      this.#events.positionsSaved?.(null)
    } catch (error) {
      this.#unsaved = true
      const reason = error instanceof Error ? error.message : String(error)
      this.#trouble.report(reason, { pipeline: this.#name })
      this.#events.positionsSaved?.(reason)
    }
  }
}

/** A copy, without what another process could not know; of most of hundreds of thousands that is nothing. */
function knownToAll(positions: Positions): Positions {
  const known = new Map(positions)
  for (const [fileId, { offset, header, settledEvents, mails }] of positions) {
    if (settledEvents !== undefined || mails !== undefined) known.set(fileId, { fileId, offset, header })
  }
  return known
}
