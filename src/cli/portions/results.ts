/** What comes of a portion, in order, between who makes it and who writes it. */
import type { Ended, Made } from './portion.ts'

/** `done`: it is not used any more. */
export type Result = { readonly made: Made; readonly done: () => void } | { readonly ended: Ended }

export class Results {
  readonly #waiting: Result[] = []
  #reject: ((error: Error) => void) | undefined
  #resolve: ((result: Result) => void) | undefined
  #error: Error | undefined

  /** Whether somebody waits for the next one. */
  get isAwaited(): boolean {
    return this.#resolve !== undefined
  }

  put(result: Result): void {
    const resolve = this.#resolve
    this.#resolve = undefined
    if (resolve === undefined) this.#waiting.push(result)
    else resolve(result)
  }

  /** Nothing comes any more. */
  fail(error: Error): void {
    this.#error ??= error
    if (this.#resolve !== undefined) this.#reject?.(error)
  }

  next(): Promise<Result> {
    const result = this.#waiting.shift()
    if (result !== undefined) return Promise.resolve(result)
    if (this.#error !== undefined) return Promise.reject(this.#error)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }
}
