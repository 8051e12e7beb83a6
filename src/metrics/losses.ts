import type { Listener, Loss, LossCause } from '../flow/events.ts'

const causes: readonly LossCause[] = ['deleted', 'replaced', 'shortened']

/** What was lost of one source, by what became of the logs. */
export interface LossCount {
  readonly source: string
  readonly cause: LossCause
  /** Logs of which something went, and how many bytes of them are known. */
  readonly logs: number
  readonly bytes: number
}

/** Counts for one pipeline what can't be delivered to its destination any more. */
export class LossCounter implements Listener {
  readonly #counts = new Map<string, LossCount>()

  /** Each source has its zeros from the start: what begins at one has not increased for Prometheus. */
  constructor(sources: readonly string[]) {
    for (const source of sources) {
      for (const cause of causes) this.#counts.set(`${source} ${cause}`, { source, cause, logs: 0, bytes: 0 })
    }
  }

  lost({ source, cause, bytes }: Loss): void {
    const key = `${source} ${cause}`
    const { logs, bytes: before } = this.#counts.get(key) ?? { logs: 0, bytes: 0 }
    this.#counts.set(key, { source, cause, logs: logs + 1, bytes: before + (bytes ?? 0) })
  }

  /** All of them. */
  counts(): readonly LossCount[] {
    return [...this.#counts.values()]
  }
}
