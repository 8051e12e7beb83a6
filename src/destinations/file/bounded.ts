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

  #goesOn(): void {
    this.#stuck = undefined
  }
}
