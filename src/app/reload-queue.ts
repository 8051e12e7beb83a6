/** One reload at a time. Who asks while one is under way shares the next: that one has read what is there now. */

/** Who asks for a reload, and what for. */
export interface ReloadRequest {
  /** Who asks, for the own log. */
  readonly by: string
  /** True when renamed sources and destinations may deliver all of it again. */
  readonly deliverAgain?: boolean
}

interface Waiting<Result> {
  readonly by: Set<string>
  readonly deliverAgain: boolean
  readonly result: Promise<Result>
}

/** Requests, and what carries them out. */
export class ReloadQueue<Result> {
  readonly #carryOut: (request: Required<ReloadRequest>) => Promise<Result>
  #last: Promise<unknown> = Promise.resolve()
  #waiting: Waiting<Result> | undefined

  constructor(carryOut: (request: Required<ReloadRequest>) => Promise<Result>) {
    this.#carryOut = carryOut
  }

  /** Settles as the reload does that begins after the call. */
  ask({ by, deliverAgain = false }: ReloadRequest): Promise<Result> {
    const shared = this.#waiting
    if (shared !== undefined && shared.deliverAgain === deliverAgain) {
      shared.by.add(by)
      return shared.result
    }
    const asking = new Set([by])
    const result = this.#last.then(() => {
      if (this.#waiting?.result === result) this.#waiting = undefined
      return this.#carryOut({ by: [...asking].join(', '), deliverAgain })
    })
    this.#waiting = { by: asking, deliverAgain, result }
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Resolves when none is under way or waits. */
  async settled(): Promise<void> {
    let last: unknown
    while (last !== this.#last) {
      last = this.#last
      await last
    }
  }
}
