/**
 * System calls on folders that may never answer, as those on a dead share. Each holds one thread of libuv's pool
 * for as long as it hangs, and the whole process has few of them. So a folder has one call under way at a time,
 * whoever makes it:
 *
 *   EX01/  ▶ call ─ ─ ─ ─ ─ ─ ─ (hangs)  all others fail at once, until it returns
 *   EX02/  ▶ call ▷ call ▷ call          go on
 *
 * After a time limit the call, and all that wait for the same folder, fail like one that the system refused;
 * no other is issued until the old one has returned. Some threads are never used for folders: for positions
 * to be saved.
 */
import path from 'node:path'

/** How long a call may take. A disk that has to wake up, or a long listing over a slow line, takes seconds. */
const limitMs = 30_000
/** Of the threads of the pool so many are kept free of calls on folders. */
const keptThreads = 2
const usualThreads = 4

interface Call {
  begin(): Promise<void>
  fail(error: Error): void
}

/** A call did not return in time; looks like an error of the system. */
export class UnansweredError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(message: string) {
    super(`ETIMEDOUT: ${message}`)
    this.name = 'UnansweredError'
  }
}

/** The lanes of all folders, which share the threads of the process. */
export class Lanes {
  readonly #limitMs: number
  readonly #most: number
  readonly #byFolder = new Map<string, Lane>()
  readonly #ready: Lane[] = []
  #underWay = 0
  #hanging = 0

  /** At most `most` calls are under way at a time. */
  constructor(options: { readonly limitMs: number; readonly most: number }) {
    this.#limitMs = options.limitMs
    this.#most = options.most
  }

  /** The lane of a folder, always the same one. */
  of(folder: string): Lane {
    const key = path.resolve(folder)
    let lane = this.#byFolder.get(key)
    if (lane === undefined) {
      lane = new Lane(folder, this.#limitMs, this)
      this.#byFolder.set(key, lane)
    }
    return lane
  }

  /** Why no call can be made now, on any folder; null while one can. */
  get exhaustion(): UnansweredError | null {
    return this.#hanging < this.#most
      ? null
      : new UnansweredError(
          `no other folder can be read while ${this.#hanging} do not answer (set UV_THREADPOOL_SIZE higher)`,
        )
  }

  /** The lane has a call to make, and none under way. */
  ready(lane: Lane): void {
    this.#ready.push(lane)
    this.#next()
  }

  /** A call of a lane returned; `didHang`: after its time. */
  returned(didHang: boolean): void {
    this.#underWay--
    if (didHang) this.#hanging--
    this.#next()
  }

  /** A call is over its time. */
  hangs(): void {
    this.#hanging++
    const { exhaustion } = this
    if (exhaustion !== null) for (const lane of this.#ready.splice(0)) lane.refuse(exhaustion)
  }

  #next(): void {
    while (this.#underWay < this.#most) {
      const lane = this.#ready.shift()
      if (lane === undefined) return
      this.#underWay++
      lane.begin()
    }
  }
}

/** The calls on one folder and what is in it, one after the other. */
export class Lane {
  readonly #folder: string
  readonly #limitMs: number
  readonly #lanes: Lanes
  readonly #waiting: Call[] = []
  #afterwards: (() => void)[] = []
  #state: 'idle' | 'ready' | 'under way' | 'hanging' = 'idle'
  #sinceMs = 0

  constructor(folder: string, limitMs: number, lanes: Lanes) {
    this.#folder = folder
    this.#limitMs = limitMs
    this.#lanes = lanes
  }

  /** Whether no call is under way, or waits. */
  get isIdle(): boolean {
    return this.#state === 'idle'
  }

  /**
   * What `operation` gives, in which one system call follows the other. Rejects with its error, or with an
   * `UnansweredError`; `discard` is then given what it yields too late. A buffer that a late read may still fill
   * must not be used again.
   */
  call<T>(operation: () => Promise<T>, discard: (late: T) => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = async (): Promise<void> => {
        try {
          const value = await operation()
          if (this.#state === 'hanging') discard(value)
          else resolve(value)
        } catch (error) {
          reject(error)
        }
      }
      const refusal = this.#refusal()
      if (refusal !== null) {
        reject(refusal)
        return
      }
      this.#waiting.push({ begin, fail: reject })
      if (this.#state === 'idle') this.#getReady()
    })
  }

  /** Does it now, or once the call that hangs has returned. Never rejects; resolves when that is not to be waited for. */
  async finally(operation: () => Promise<unknown>): Promise<void> {
    await this.call(operation).catch((error: unknown) => {
      if (error instanceof UnansweredError) this.#afterwards.push(() => void this.finally(operation))
    })
  }

  /** Begins the call that has waited longest. */
  begin(): void {
    const call = this.#waiting.shift() as Call
    this.#state = 'under way'
    this.#sinceMs = performance.now()
    const timer = setTimeout(() => {
      this.#state = 'hanging'
      const refusal = this.#unanswered()
      call.fail(refusal)
      this.refuse(refusal)
      this.#lanes.hangs()
    }, this.#limitMs)
    void call.begin().then(() => {
      clearTimeout(timer)
      const didHang = this.#state === 'hanging'
      this.#state = 'idle'
      if (this.#waiting.length > 0) this.#getReady()
      this.#lanes.returned(didHang)
      for (const each of this.#afterwards.splice(0)) each()
    })
  }

  /** Fails all calls that wait: nothing can be done for them. */
  refuse(error: UnansweredError): void {
    if (this.#state === 'ready') this.#state = 'idle'
    for (const call of this.#waiting.splice(0)) call.fail(error)
  }

  #getReady(): void {
    this.#state = 'ready'
    this.#lanes.ready(this)
  }

  #refusal(): UnansweredError | null {
    if (this.#state === 'hanging') return this.#unanswered()
    return this.#state === 'idle' ? this.#lanes.exhaustion : null
  }

  #unanswered(): UnansweredError {
    const seconds = Math.round((performance.now() - this.#sinceMs) / 1000)
    return new UnansweredError(`${this.#folder} has not answered for ${seconds} seconds`)
  }
}

/** Those of this process: its threads are what they share. */
export const lanes = new Lanes({
  limitMs,
  most: Math.max(1, (Number(process.env.UV_THREADPOOL_SIZE) || usualThreads) - keptThreads),
})
