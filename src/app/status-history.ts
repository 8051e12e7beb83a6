/** Notes how an instance fares every ten seconds, for who opens its page later. */
import { History, type HistoryData } from '../status/history.ts'
import type { InstanceView } from './instance-view.ts'
import type { Observer } from './observer.ts'

const everyMs = 10_000
/** It takes this share of the time at most, however many folders are to be looked at. */
const share = 0.005

/** At work until it is closed; only while there is something that listens for HTTP. */
export class StatusHistory {
  readonly #instance: Pick<InstanceView, 'config'>
  readonly #observer: Pick<Observer, 'status'>
  readonly #history = new History()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(instance: Pick<InstanceView, 'config'>, observer: Pick<Observer, 'status'>) {
    this.#instance = instance
    this.#observer = observer
    this.#next(0)
  }

  get data(): HistoryData {
    return this.#history.data
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #next(afterMs: number): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#note(), afterMs)
    this.#timer.unref()
  }

  async #note(): Promise<void> {
    const beganMs = performance.now()
    if (this.#instance.config.http !== undefined) {
      // Who asks for the status itself hears why there is none.
      const status = await this.#observer.status().catch(() => undefined)
      if (status !== undefined) this.#history.add(status)
    }
    this.#next(Math.max(everyMs, (performance.now() - beganMs) / share))
  }
}
