/** What a pipeline has told since it began, as far as its status needs it: states, and when something happened last. */
import type { Malformed } from '../flow/chunk.ts'
import type { Listener, Loss, ReceiverChange, SeenCertificate } from '../flow/events.ts'
import { Trouble, type Wrong } from '../flow/trouble.ts'

/** When something happened, by the clock of the machine, which may be set while that is still told, and by one that never is. */
export interface Moment {
  readonly atMs: number
  readonly steadyMs: number
}

/** Lines that are no record, or data that is lost. */
export interface Happened extends Moment {
  /** Of the last one: where it stands, and why. */
  readonly file: string
  readonly offset: number
  readonly reason: string
}

/** How a receiver fares. */
export interface WatchedReceiver {
  readonly wrong: Wrong | null
  readonly isLasting: boolean
  readonly advice: string | null
  readonly certificates: readonly SeenCertificate[]
}

/** Listens to one pipeline. */
export class PipelineWatch implements Listener {
  readonly receivers = new Map<string, WatchedReceiver>()
  unavailableSince: Wrong | null = null
  lastMalformed: Happened | null = null
  lastLost: Happened | null = null
  /** Why the receiver refused events last. */
  lastRejected: string | null = null
  savedAtMs: number | null = null
  notSaved: string | null = null
  /** Why dead letters can't be written, and since when; and when some fell out last, and how many in all. */
  readonly letters = new Trouble()
  lastDropped: (Moment & { readonly lines: number }) | null = null
  /** Why finished files can't be packed or removed. */
  readonly tidying = new Trouble()
  readonly #begunMs = performance.now()
  /** When rows were appended to a log of a source last, by its name and the clock that is never set. */
  readonly #appendedMs = new Map<string, number>()

  /** For how long it listens. */
  get runsMs(): number {
    return performance.now() - this.#begunMs
  }

  /** How long ago rows were appended to a log of a source; null for never. */
  appendedAgoMs(source: string): number | null {
    const appendedMs = this.#appendedMs.get(source)
    return appendedMs === undefined ? null : performance.now() - appendedMs
  }

  receiverChanged({ to, wrong, isLasting, advice, certificates }: ReceiverChange): void {
    const before = this.receivers.get(to)?.certificates ?? []
    this.receivers.set(to, { wrong, isLasting, advice, certificates: certificates ?? before })
  }

  unavailable(wrong: Wrong): void {
    this.unavailableSince = wrong
  }

  available(): void {
    this.unavailableSince = null
  }

  appended({ file }: { readonly file: { readonly source: string } }): void {
    this.#appendedMs.set(file.source, performance.now())
  }

  malformed(lines: readonly Malformed[]): void {
    const last = lines.at(-1)
    if (last === undefined) return
    const { path: file, offset, reason } = last
    this.lastMalformed = { ...now(), file, offset, reason }
  }

  lost({ path: file, offset, cause: reason }: Loss): void {
    this.lastLost = { ...now(), file, offset, reason }
  }

  rejected(reason: string): void {
    this.lastRejected = reason
  }

  positionsSaved(failure: string | null): void {
    this.notSaved = failure
    if (failure === null) this.savedAtMs = Date.now()
  }

  lettersWritten(failure: string | null): void {
    if (failure === null) this.letters.over()
    else this.letters.is(failure)
  }

  lettersDropped(lines: number): void {
    this.lastDropped = { ...now(), lines: (this.lastDropped?.lines ?? 0) + lines }
  }

  filesTidied(failure: string | null): void {
    if (failure === null) this.tidying.over()
    else this.tidying.is(failure)
  }
}

function now(): Moment {
  return { atMs: Date.now(), steadyMs: performance.now() }
}

/** The same, and how long ago it is. */
export function past<Happened extends Moment>(
  moment: Happened | null,
): (Happened & { readonly agoMs: number }) | null {
  return moment && { ...moment, agoMs: performance.now() - moment.steadyMs }
}
