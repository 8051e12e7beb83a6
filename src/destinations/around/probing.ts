/**
 * Asks again and again whether preferred receivers can be reached, until one may be returned to.
 *
 * One that takes connections and then fails at its work passes every probe. Each return to it costs a stall
 * and repeated events, so it needs twice as many probes each time it failed soon after.
 */

import { setMaxListeners } from 'node:events'

/** Tries whether a receiver can be delivered to; resolves null, or why not. Never rejects. */
export type Probe = (signal: AbortSignal) => Promise<string | null>

/** When to return: after so many successful probes in a row, one every `everyMs`. */
export interface FailbackOptions {
  readonly probes: number
  readonly everyMs: number
}

const mostPatience = 16

/** What is known of one receiver. */
interface Candidate {
  readonly probe: Probe
  /** Successful probes in a row. */
  successes: number
  /** How many times the usual number it needs. */
  patience: number
  /** Monotonic time in ms of the last return to it. */
  returnedAt: number
}

/** Probes the receivers before the active one of a list. */
export class Probing {
  readonly #candidates: readonly Candidate[]
  readonly #options: FailbackOptions
  readonly #ready: (index: number, probes: number) => void
  readonly #closing = new AbortController()
  /** How many, from the first, are probed. */
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined

  /** `ready` gets the place in the list of the one to return to, and the successful probes in a row it had. */
  constructor(
    probes: readonly Probe[],
    options: FailbackOptions,
    ready: (index: number, probes: number) => void,
  ) {
    const returnedAt = Number.NEGATIVE_INFINITY
    this.#candidates = probes.map((probe) => ({ probe, successes: 0, patience: 1, returnedAt }))
    this.#options = options
    this.#ready = ready
    setMaxListeners(0, this.#closing.signal) // some for each probe: no leak
  }

  /** From now on those before `active` are probed: none while the first is active. */
  watch(active: number): void {
    this.#count = active
    if (active > 0) this.#schedule()
  }

  /** This one was active, again since a moment ago or for long, and failed. */
  failed(index: number): void {
    const candidate = this.#candidates[index] as Candidate
    const soon = performance.now() - candidate.returnedAt < this.#neededBy(candidate) * this.#options.everyMs
    candidate.patience = soon ? Math.min(candidate.patience * 2, mostPatience) : 1
    candidate.successes = 0
    candidate.returnedAt = Number.NEGATIVE_INFINITY
  }

  /** Resolves when no probe is on its way any more. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    await this.#round
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#round !== undefined || this.#closing.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#round = this.#probeAll().finally(() => {
        this.#round = undefined
        if (this.#count > 0) this.#schedule()
      })
    }, this.#options.everyMs)
  }

  async #probeAll(): Promise<void> {
    const { signal } = this.#closing
    await Promise.all(
      this.#candidates.slice(0, this.#count).map(async (candidate) => {
        candidate.successes = (await candidate.probe(signal)) === null ? candidate.successes + 1 : 0
      }),
    )
    const index = this.#candidates
      .slice(0, this.#count)
      .findIndex((candidate) => candidate.successes >= this.#neededBy(candidate))
    const candidate = this.#candidates[index]
    if (candidate === undefined || signal.aborted) return
    const { successes } = candidate
    candidate.successes = 0
    candidate.returnedAt = performance.now()
    this.#ready(index, successes)
  }

  #neededBy({ patience }: Candidate): number {
    return this.#options.probes * patience
  }
}
