/** The gate before a destination: a person closes it, and nothing more is read for it until one opens it again. */

/** Why nothing is delivered. */
export interface Paused {
  /** Since when, in milliseconds since 1970. */
  readonly sinceMs: number
  /** Who asked for it, as they say. */
  readonly by: string
}

/** Open or closed; both at any time, whatever delivery is doing. */
export class Gate {
  readonly #listeners = new Set<() => void>()
  #paused: Paused | null = null

  /** Null while it is open. */
  get paused(): Paused | null {
    return this.#paused
  }

  /** Closes it. False when it was closed: it stays so for who did that. */
  close(by: string): boolean {
    if (this.#paused !== null) return false
    this.#paused = { sinceMs: Date.now(), by }
    this.#tell()
    return true
  }

  /** Opens it; what it was closed for, or null. */
  open(): Paused | null {
    const was = this.#paused
    this.#paused = null
    if (was !== null) this.#tell()
    return was
  }

  /** From now on the listener hears of each change, until what is returned is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Resolves when it is open, or `signal` aborts. */
  async opened(signal: AbortSignal): Promise<void> {
    while (this.#paused !== null && !signal.aborted) await this.#change(signal)
  }

  /** Resolves after so long, when it is closed or opened, or `signal` aborts. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await this.#change(signal, ms)
  }

  #change(signal: AbortSignal, ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#listeners.delete(done)
        resolve()
      }
      const timer = ms === undefined ? undefined : setTimeout(done, ms)
      signal.addEventListener('abort', done)
      this.#listeners.add(done)
    })
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
