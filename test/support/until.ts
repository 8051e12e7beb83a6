/** Waiting for a condition without sleeping: it is looked at whenever something happened. */

/** Far beyond what anything takes, also on a busy machine: reached only when the condition never comes. */
const limitMs = 150_000

/** Something that changes, and those who wait for it. */
export class Changes {
  readonly #waiting = new Set<() => void>()

  /** To be called after each change. */
  happened(): void {
    for (const look of this.#waiting) look()
  }

  /** Resolves as soon as the condition holds; fails, saying `what` was waited for, when it never does. */
  until(what: () => string, condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(look)
        clearTimeout(timer)
      }
      const look = () => {
        if (!condition()) return
        end()
        resolve()
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`waited in vain for: ${what()}`))
      }, limitMs)
      this.#waiting.add(look)
    })
  }
}
