/**
 * Live events for one who looks on: samples of the batches that go out anyway. What delivery pays for it is bounded,
 * whatever goes out and however slowly who looks on reads: so many frames and bytes a second are copied, so many wait, and
 * they are given in bursts, since each hand-over costs as much as many frames. All others are left out, and counted.
 */
import type { Batch } from '../flow/batch.ts'
import { Waker } from '../flow/waker.ts'

/**
 * How a destination is, told at the beginning and when it changes: it is unavailable, and why, or available again (null);
 * it begins anew, after a reload, and nobody knows; or it is paused, or goes on.
 */
export type Standing =
  | { readonly destination: string; readonly unavailable: string | null }
  | { readonly destination: string; readonly isAnew: true }
  | { readonly destination: string; readonly isPaused: boolean }

/**
 * What is told, one by one. `isRow`: the frame is a row as it stands in the log, and no event; `leftOut`: frames since it was
 * told last; `ended`: the last one, and why.
 */
export type TapLine =
  | { readonly destination: string; readonly frame: string; readonly isRow?: true }
  | Standing
  | { readonly leftOut: number }
  | { readonly ended: string }

/** How frames are told apart on their way. */
export type Framing = 'datagram' | 'lf' | 'octet-counting'

const defaultFramesPerSecond = 1_000
const bytesPerSecond = 1_000_000
/** What waits to be read comes to a second's worth. */
const mostWaiting = defaultFramesPerSecond
const mostWaitingBytes = bytesPerSecond
const tellMs = 1_000
/** From one burst to the next; what comes after a rest is given at once. */
const burstMs = 100
const space = 0x20

/** Samples for one. */
export class Tap {
  /** A clock in milliseconds that does not jump. */
  readonly #now: () => number
  readonly #framesPerSecond: number
  readonly #waker = new Waker()
  #waiting: Extract<TapLine, { frame: string }>[] = []
  #waitingBytes = 0
  /** By destination and kind: of what changes while nobody reads the last counts. */
  readonly #standings = new Map<string, Standing>()
  #leftOut = 0
  #ended: string | null = null
  #frames: number
  #bytes = bytesPerSecond
  #filledAtMs: number

  constructor(now: () => number = () => performance.now(), framesPerSecond = defaultFramesPerSecond) {
    this.#now = now
    this.#framesPerSecond = framesPerSecond
    this.#frames = framesPerSecond
    this.#filledAtMs = now()
  }

  /** Copies some of the frames, from all over the batch. */
  take(destination: string, framing: Framing, { frames, ends, layout }: Batch): void {
    if (this.#ended !== null) return
    this.#fill()
    const count = ends.length
    const most = Math.min(count, Math.floor(this.#frames), mostWaiting - this.#waiting.length)
    const [hadFrames, hadLeftOut] = [this.#waiting.length > 0, this.#leftOut > 0]
    let taken = 0
    for (let each = 0; each < most; each++) {
      const index = Math.floor((each * count) / most)
      const start = index === 0 ? 0 : (ends[index - 1] ?? 0)
      const end = ends[index] ?? start
      const bytes = end - start
      if (bytes > this.#bytes || this.#waitingBytes + bytes > mostWaitingBytes) continue
      this.#bytes -= bytes
      this.#waitingBytes += bytes
      const frame = messageOf(frames, start, end, framing)
      this.#waiting.push({ destination, frame, ...(layout !== undefined && { isRow: true }) })
      taken++
    }
    this.#frames -= taken
    this.#leftOut += count - taken
    const isNews = (!hadFrames && this.#waiting.length > 0) || (!hadLeftOut && this.#leftOut > 0)
    if (isNews) this.#waker.wake()
  }

  /** So a destination is from now on; told before what goes out then. */
  tell(standing: Standing): void {
    if (this.#ended !== null) return
    const kind = 'isPaused' in standing ? 'pause' : 'availability'
    this.#standings.set(`${kind} ${standing.destination}`, standing)
    this.#waker.wake()
  }

  /** Nothing more comes, for this reason, which is told as the last line. */
  end(reason: string): void {
    this.#ended ??= reason
    this.#waker.wake()
  }

  /** As they are asked for, until it ends or `signal` aborts. */
  async *lines(signal: AbortSignal): AsyncGenerator<TapLine> {
    let toldAtMs = Number.NEGATIVE_INFINITY
    let gaveAtMs = Number.NEGATIVE_INFINITY
    while (!signal.aborted) {
      const standings = [...this.#standings.values()]
      this.#standings.clear()
      yield* standings
      if (signal.aborted) return
      const restMs = gaveAtMs + burstMs - this.#now()
      if (this.#waiting.length > 0 && (restMs <= 0 || this.#ended !== null)) {
        gaveAtMs = this.#now()
        const samples = this.#waiting
        this.#waiting = []
        this.#waitingBytes = 0
        for (const sample of samples) {
          yield sample
          if (signal.aborted) return
        }
        continue
      }
      const dueMs = toldAtMs + tellMs - this.#now()
      if (this.#leftOut > 0 && (dueMs <= 0 || this.#ended !== null)) {
        toldAtMs = this.#now()
        const leftOut = this.#leftOut
        this.#leftOut = 0
        yield { leftOut }
      }
      if (this.#standings.size > 0) continue
      if (this.#ended !== null && this.#waiting.length === 0) {
        yield { ended: this.#ended }
        return
      }
      const nextMs = [longMs]
      if (this.#waiting.length > 0) nextMs.push(restMs)
      if (this.#leftOut > 0) nextMs.push(dueMs)
      await this.#waker.pause(Math.max(1, Math.min(...nextMs)), signal)
    }
  }

  #fill(): void {
    const nowMs = this.#now()
    const seconds = (nowMs - this.#filledAtMs) / 1000
    this.#filledAtMs = nowMs
    this.#frames = Math.min(this.#framesPerSecond, this.#frames + seconds * this.#framesPerSecond)
    this.#bytes = Math.min(bytesPerSecond, this.#bytes + seconds * bytesPerSecond)
  }
}

const longMs = 60_000

/** The message in a frame. */
function messageOf(frames: Buffer, start: number, end: number, framing: Framing): string {
  if (framing === 'lf') return frames.toString('utf8', start, end - 1)
  if (framing === 'octet-counting') return frames.toString('utf8', frames.indexOf(space, start) + 1, end)
  return frames.toString('utf8', start, end)
}
