/** A pause that ends early. */
export class Waker {
  #end: (() => void) | null = null
  #isAwake = false

  /** Ends the pause; one that has not begun yet ends at once. */
  wake(): void {
    this.#isAwake = true
    this.#end?.()
  }

  /** Resolves after `ms`, on `wake`, or when `signal` aborts; never rejects, leaves no timer behind. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isAwake && !signal.aborted) {
      await new Promise<void>((resolve) => {
        // Of a part of a millisecond a timer takes no notice: it would end early, and for nothing.
        const timer = setTimeout(resolve, Math.max(0, Math.ceil(ms)))
        this.#end = () => {
          clearTimeout(timer)
          resolve()
        }
        signal.addEventListener('abort', this.#end)
      })
      if (this.#end !== null) signal.removeEventListener('abort', this.#end)
      this.#end = null
    }
    this.#isAwake = false
  }
}
