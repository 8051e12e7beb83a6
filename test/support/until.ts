/** Waiting for a condition: looked at whenever something happened, or, where nothing tells of that, again and again. */
import { setTimeout as pause } from 'node:timers/promises'

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

/** Resolves once it holds, looking every so often; fails, saying what was waited for, when it never does. */
export async function until(holds: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const latestMs = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > latestMs) throw new Error(`waited in vain for ${holds}`)
    await pause(everyMs)
  }
}
