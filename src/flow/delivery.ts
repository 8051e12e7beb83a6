/** Batch → outcome → position: where batches go, what becomes of them, and where that is kept. */
import type { Batch, ValueCounts } from './batch.ts'
import type { Malformed, Positions } from './chunk.ts'

/**
 * The fate of a batch. Only these three; an exception is a bug. `unsent`: nothing of the batch went out, so sending it
 * again repeats nothing.
 */
export type Outcome =
  | {
      readonly status: 'delivered'
      /** All but these. */
      readonly except?: readonly RejectedEvent[]
      readonly repeats?: Repeats
    }
  | { readonly status: 'rejected'; readonly reason: string }
  | {
      readonly status: 'unavailable'
      readonly reason: string
      readonly next?: NextTry
      readonly unsent?: boolean
      readonly repeats?: Repeats
    }

/** Events of a batch that its destination sent a second time, since nothing confirmed them: a receiver may have them twice. */
export interface Repeats {
  readonly events: number
  readonly reason: string
}

/** An event that its receiver rejects for itself, while it takes others of the batch. */
export interface RejectedEvent {
  readonly reason: string
  /** The event, as it was sent (its beginning, if it is long). */
  readonly line: Uint8Array
}

/** When to try again: at once, since something else is there to be tried, or not before the peer asked for. */
export type NextTry = 'at once' | { readonly afterMs: number }

/** An outcome that breaks the window: what is not settled is read again. */
export type Unavailable = Extract<Outcome, { status: 'unavailable' }>

/** What becomes of a batch that came when its destination was closed. */
export const closed: Unavailable = {
  status: 'unavailable',
  reason: 'the destination is closed',
  unsent: true,
}

/** A batch that was taken in; its fate comes later. */
export interface Sending {
  readonly outcome: Promise<Outcome>
}

/** A batch whose fate is known at once. */
export function settledAs(outcome: Outcome): Sending {
  return { outcome: Promise.resolve(outcome) }
}

/** Puts the dead letters of a batch with this outcome on disk: true, or false when that was given up. */
export type WriteLetters = (outcome: Exclude<Outcome, Unavailable>) => Promise<boolean>

/** Where batches go. Neither promise ever rejects. */
export interface Destination {
  readonly name: string
  /** The address of the receiver that gets the batches now, where there are several. */
  readonly active?: string | undefined
  /** Where it keeps positions, if it does that itself, in step with what it delivers. */
  readonly ownPositions?: OwnPositions | undefined
  /**
   * Resolves when there is room for more and `batch.frames` may be reused; `outcome`: its fate. `writeLetters`: to be called
   * by who keeps positions itself, and waited for, before it keeps that of the batch.
   */
  send(batch: Batch, writeLetters?: WriteLetters): Promise<Sending>
  /** Connects before there is anything to send, as its first batch would: null when that can go out, or why not. */
  connect?(): Promise<string | null>
  /** Ends gracefully; whatever is still pending afterwards resolves as unavailable. */
  close(): Promise<void>
}

/** Another instance delivers in place of this one, which would only take it away again: a person has to say who goes on. */
export interface Superseded {
  readonly status: 'superseded'
  readonly reason: string
}

/** Positions that the receiver of events keeps: what it has of a batch it has with its position, or not at all. */
export interface OwnPositions {
  /**
   * Makes an end of whatever else may still be sending as us, and of what of ours is undecided; tells what is settled then.
   * `saved`: as they are on this side, which count where they are no copy. To be called before each reading; after
   * `superseded` once a person wants this instance to take over. Never rejects; ends soon after `signal` aborts.
   */
  load(saved: SavedPositions, signal: AbortSignal): Promise<Positions | Unavailable | Superseded>
  /** Positions of these files are of no use any more. */
  forget(fileIds: readonly string[]): void
}

/** Positions on this side. */
export interface SavedPositions {
  readonly positions: Positions
  /** A copy of those that the receiver has; null when nothing was ever saved. */
  readonly isCopy: boolean | null
  /** Those of the receiver, under the names that sources have now. */
  readonly underNewNames: (positions: Positions) => Positions
}

/** Where positions survive a restart. */
export interface Checkpoint {
  load(): Promise<Positions>
  /** Whether what was saved is a copy of what the receiver keeps; null when nothing was saved. */
  isCopy?(): Promise<boolean | null>
  /** Positions that were kept elsewhere, under the names that sources have now. */
  underNewNames?(positions: Positions): Positions
  /** Atomic: after a crash either the old or the new positions are there. */
  save(positions: Positions): Promise<void>
}

/** Where lines go that can't be delivered. Resolves when they are on disk. */
export interface DeadLetters {
  write(letters: readonly Malformed[]): Promise<void>
}

/** The counters of a pipeline since the start, at one moment: rows up to `inFlight`; values of settled rows. */
export interface PipelineCounts extends ValueCounts {
  readonly read: number
  readonly delivered: number
  readonly filtered: number
  readonly malformed: number
  readonly rejected: number
  /** Read, not delivered, and gone with their file. */
  readonly lost: number
  /** Read, and in mails that are not closed yet. */
  readonly held: number
  /** Read, and its fate not known yet. */
  readonly inFlight: number
  /** Batches committed, those without a frame among them. */
  readonly batches: number
  /** How often reading went back to the last committed position. */
  readonly rewinds: number
  /** Events that were sent and not confirmed, so that they are sent again: a receiver may have them twice. */
  readonly repeated: number
  /** How often the next receiver took over, and a preferred one again, as the log says it. */
  readonly failovers: number
  readonly failbacks: number
  /** Bytes of frames that went out, repeats included; those of a batch once its fate is known. */
  readonly sentBytes: number
  /** When the last batch was delivered, in milliseconds since 1970; null before the first. */
  readonly lastDeliveredAt: number | null
}
