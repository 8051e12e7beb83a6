/** Calls on a file system that may not answer: a share that hangs keeps a call for good, so only one waits for it. */
import { FileTrouble } from './open-file.ts'

/** Runs calls one at a time for one file system, and gives up waiting for one. */
export class BoundedCalls {
  readonly #mostMs: number
  readonly #trouble: FileTrouble
  #stuck: Promise<void> | undefined

  constructor(folder: string, mostMs: number) {
    this.#mostMs = mostMs
    this.#trouble = new FileTrouble(`the share or disk with ${folder} does not answer`)
  }

  /** What it gives; rejects when that takes too long, and at once while a call that took too long is still under way. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#stuck !== undefined) throw this.#trouble
    const running = call()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#stuck ??= running.then(
          () => this.#goesOn(),
          () => this.#goesOn(),
        )
        reject(this.#trouble)
      }, this.#mostMs)
    })
    try {
      return await Promise.race([running, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Runs the last call, as soon as one that takes too long has returned; resolves when that is not to be waited for. Never
   * rejects.
   */
  async finally(call: () => Promise<unknown>): Promise<void> {
    if (this.#stuck === undefined) await this.run(call).catch(() => undefined)
    else void this.#stuck.then(call).catch(() => undefined)
  }

  #goesOn(): void {
    this.#stuck = undefined
  }
}
