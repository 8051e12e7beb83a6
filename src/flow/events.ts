/** What happens in the flow that others want to know, and where they listen. */
import type { Batch } from './batch.ts'
import type { Chunk, Malformed } from './chunk.ts'
import type { Wrong } from './trouble.ts'

/** What became of the content of a file. */
export type LossCause = 'deleted' | 'replaced' | 'shortened'

/** Bytes of one file that are gone and were not settled. */
export interface Loss {
  readonly source: string
  readonly path: string
  /** Null when the file went before it had an identity. */
  readonly fileId: string | null
  readonly cause: LossCause
  /** How many are known to have been there; null when nobody saw how many (there may have been none). */
  readonly bytes: number | null
  /** Where the first of them stood: all before it was read, or settled, or is still there. */
  readonly offset: number
}

/** A folder can't be read any more, or can be again. */
export interface FolderChange {
  /** Name of the source. */
  readonly source: string
  readonly folder: string
  /** Why it can't be read; null when it can. */
  readonly reason: string | null
}

/** A certificate that a connection depends on. */
export interface SeenCertificate {
  /** Whose it is: the receiver's, or an authority's above it; or our own. */
  readonly of: 'receiver' | 'authority' | 'client'
  readonly subject: string
  /** When it is valid no longer, in milliseconds since 1970. */
  readonly expiresAtMs: number
}

/** How one receiver of a destination fares. */
export interface ReceiverChange {
  /** Its address, as it was written. */
  readonly to: string
  /** What is wrong; null when it can be delivered to, as far as known. */
  readonly wrong: Wrong | null
  /** Whether a person has to mend that. */
  readonly isLasting: boolean
  /** The end of its reason, where that says what to do. */
  readonly advice: string | null
  /** Those of the connection just made; undefined when none was. */
  readonly certificates?: readonly SeenCertificate[] | undefined
}

/** All that is told of a pipeline, in the order of the flow. */
export interface FlowEvents {
  /** A folder can't be read any more, and when it can be again. */
  folderChanged(change: FolderChange): void
  /** Data can't be delivered any more. */
  lost(loss: Loss): void
  /** What is not settled of this file is read by another instance; nothing more of it is read here. */
  handedOver(fileId: string): void
  /** These rows were written in the last `withinMs`, while the source was followed; they are read next. */
  appended(chunk: Chunk, withinMs: number): void
  /** These rows, old or new, are delivered next. */
  read(chunk: Chunk): void
  /** This batch goes out now, for the first time or again; its frames are valid until the call returns. */
  sending(batch: Batch): void
  /** A connection to a receiver was made, or failed, or what was wrong there is over. */
  receiverChanged(change: ReceiverChange): void
  /** Nothing can be delivered now, or no longer for the same reason. */
  unavailable(wrong: Wrong): void
  /** Something was delivered after that. */
  available(was: Wrong): void
  /** The next receiver took over, */
  failedOver(): void
  /** and a preferred one again. */
  failedBack(): void
  /** These lines went to the dead letters, and all before them is settled. */
  malformed(lines: readonly Malformed[]): void
  /** The receiver refused events for good, for this reason. */
  rejected(reason: string): void
  /** The receiver has taken so many events that it gives its own time, since they came so late. */
  late(events: number): void
  /** Positions were saved, or can't be for this reason. */
  positionsSaved(failure: string | null): void
  /** Dead letters were written, or can't be for this reason: positions wait for them. */
  lettersWritten(failure: string | null): void
  /** So many of the oldest dead letters were dropped to make room for others. */
  lettersDropped(lines: number): void
  /** Files that are finished were packed and removed, or can't be for this reason. */
  filesTidied(failure: string | null): void
}

/** Who wants to hear some of it; must not throw. */
export type Listener = Partial<FlowEvents>

/** Passes what happens on to all who listen, in the order in which they came. */
export class Events implements FlowEvents {
  readonly #listeners: Listener[]

  constructor(...listeners: readonly Listener[]) {
    this.#listeners = [...listeners]
  }

  /** From now on it hears everything, too. */
  add(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** From now on it hears nothing any more. */
  remove(listener: Listener): void {
    const index = this.#listeners.indexOf(listener)
    if (index >= 0) this.#listeners.splice(index, 1)
  }

  folderChanged(change: FolderChange): void {
    for (const each of this.#listeners) each.folderChanged?.(change)
  }

  lost(loss: Loss): void {
    for (const each of this.#listeners) each.lost?.(loss)
  }

  handedOver(fileId: string): void {
    for (const each of this.#listeners) each.handedOver?.(fileId)
  }

  appended(chunk: Chunk, withinMs: number): void {
    for (const each of this.#listeners) each.appended?.(chunk, withinMs)
  }

  read(chunk: Chunk): void {
    for (const each of this.#listeners) each.read?.(chunk)
  }

  sending(batch: Batch): void {
    for (const each of this.#listeners) each.sending?.(batch)
  }

  receiverChanged(change: ReceiverChange): void {
    for (const each of this.#listeners) each.receiverChanged?.(change)
  }

  unavailable(wrong: Wrong): void {
    for (const each of this.#listeners) each.unavailable?.(wrong)
  }

  available(was: Wrong): void {
    for (const each of this.#listeners) each.available?.(was)
  }

  failedOver(): void {
    for (const each of this.#listeners) each.failedOver?.()
  }

  failedBack(): void {
    for (const each of this.#listeners) each.failedBack?.()
  }

  malformed(lines: readonly Malformed[]): void {
    for (const each of this.#listeners) each.malformed?.(lines)
  }

  rejected(reason: string): void {
    for (const each of this.#listeners) each.rejected?.(reason)
  }

  late(events: number): void {
    for (const each of this.#listeners) each.late?.(events)
  }

  positionsSaved(failure: string | null): void {
    for (const each of this.#listeners) each.positionsSaved?.(failure)
  }

  lettersWritten(failure: string | null): void {
    for (const each of this.#listeners) each.lettersWritten?.(failure)
  }

  lettersDropped(lines: number): void {
    for (const each of this.#listeners) each.lettersDropped?.(lines)
  }

  filesTidied(failure: string | null): void {
    for (const each of this.#listeners) each.filesTidied?.(failure)
  }
}
