/** A thread that converts portions, seen from the main one. */
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../package/thread.ts'
import { UnansweredError } from '../../tail/folder/lanes.ts'
import { mayHang } from '../terminal/process-end.ts'
import type { Converter } from './converter.ts'
import type { ConvertWork, Portion } from './portion.ts'
import { Results } from './results.ts'
import type { FromThread, ToThread } from './worker.ts'

/** A thread that has to convert, and room for it, and tells nothing in so many looks in a row, is in a call that hangs. */
const lookMs = 5000
const mostSilentLooks = 6

export class ConvertThread implements Converter {
  readonly #worker: Worker
  readonly #results: Results[] = []
  readonly #onFree: () => void
  readonly #looking: NodeJS.Timeout
  #silentLooks = 0
  #isReady = false
  /** Of what it made so much is not used yet. */
  #waitingBytes = 0
  #failure: Error | undefined

  /** `onFree`: it could take another portion. */
  constructor(work: ConvertWork, onFree: () => void) {
    this.#onFree = onFree
    this.#worker = startThread('convert-worker', work)
    this.#worker.on('message', (message: FromThread) => this.#take(message))
    this.#worker.on('error', (error) => this.#fail(error as Error))
    const exited = new Promise<void>((resolve) => this.#worker.on('exit', () => resolve()))
    void exited.then(() => this.#fail(new Error('a converting thread has ended')))
    mayHang(exited)
    this.#looking = setInterval(() => this.#look(), lookMs).unref()
  }

  /** Infinite before it is ready for any. */
  get portions(): number {
    return this.#isReady ? this.#results.length : Number.POSITIVE_INFINITY
  }

  begin(portion: Portion): Results {
    const results = new Results()
    if (this.#failure === undefined) this.#results.push(results)
    else results.fail(this.#failure)
    this.#post({ portion })
    return results
  }

  async close(): Promise<void> {
    clearInterval(this.#looking)
    await this.#worker.terminate()
  }

  #take(message: FromThread): void {
    this.#silentLooks = 0
    if (message === 'ready') {
      this.#isReady = true
      this.#onFree()
      return
    }
    const [results] = this.#results
    if ('ended' in message) {
      this.#results.shift()
      results?.put(message)
      this.#onFree()
      return
    }
    const { made, frames, bytes } = message
    this.#waitingBytes += bytes
    const done = () => {
      this.#waitingBytes -= bytes
      this.#post({ taken: frames, bytes }, [frames])
    }
    results?.put({ made: { ...made, frames: new Uint8Array(frames, 0, bytes) }, done })
  }

  #post(message: ToThread, moved: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, moved)
  }

  #look(): void {
    this.#silentLooks = this.#results.length > 0 && this.#waitingBytes === 0 ? this.#silentLooks + 1 : 0
    if (this.#silentLooks < mostSilentLooks) return
    const seconds = (mostSilentLooks * lookMs) / 1000
    this.#fail(new UnansweredError(`a folder that is read has not answered for ${seconds} seconds`))
  }

  /** From now on it takes portions in order to refuse them. */
  #fail(error: Error): void {
    this.#failure ??= error
    this.#isReady = true
    for (const results of this.#results.splice(0)) results.fail(this.#failure)
    this.#onFree()
  }
}
