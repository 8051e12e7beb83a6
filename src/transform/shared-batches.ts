/**
 * Batches for destinations whose events are the same: while they keep pace, each chunk is made into its batch once.
 *
 *   a reads  1 2 3 4 5        a makes  1 · 3 4 ·
 *   b reads  1 2 3 4 5        b makes  · 2 · · 5        and each takes what the other one made
 *
 * A batch is taken only for the same bytes in the same place under the same header, which are compared. Who is ahead waits
 * for the others for a moment, and who falls behind further makes its own: nobody waits for long for another one's receiver.
 */
import type { Batch } from '../flow/batch.ts'
import type { Chunk, Layout } from '../flow/chunk.ts'
import { Waker } from '../flow/waker.ts'
import { copyBatch, roomFor, usualBytes } from './batch-copy.ts'

/** So many chunks may lie between those that keep pace, and no more than take so much memory. */
const mostKept = 8
const mostKeptBytes = 24 * 1024 * 1024
/** While nobody takes what is kept, one chunk of so many is still kept, to find out when somebody does. */
const trialEvery = 16
/** Headers may tell the time of sending, and memory is given back. */
const keptMs = 1000
/** So long who is ahead waits for the others to take what is kept. */
const paceMs = 100
/** After the others did not, so many chunks are made without waiting, and twice as many after each time more. */
const [fewUnpaced, mostUnpaced] = [16, 4096]

const never = new AbortController().signal

/** A batch that another one made, or is making. */
export interface Shared {
  /** Valid until `done`; null: it is more than one batch, or was not made. */
  readonly batch: Batch | Promise<Batch | null>
  /** The bytes of the chunk, likewise. */
  readonly bytes: Buffer
  /** It is not used any more. */
  readonly done: () => void
}

/** Told once what became of a chunk; its batch is copied. Null: it is more than one batch, or was not made. */
export type Making = (batch: Batch | null) => void

interface Kept {
  readonly chunk: Chunk
  readonly input: ArrayBuffer
  output: ArrayBuffer | undefined
  batch: Batch | null | Promise<Batch | null>
  users: number
  /** How many have taken it. */
  taken: number
  isOld: boolean
}

/** What they share; in one thread. */
export class SharedBatches {
  #members = 0
  #kept: Kept[] = []
  /** So many in a row were kept for nobody. */
  #idle = 0
  #timer: NodeJS.Timeout | undefined
  /** Who is ahead, and waits. */
  #ahead: Waker | undefined
  #unpaced = 0
  #nextUnpaced = fewUnpaced

  /** One more takes part. */
  join(): void {
    this.#members++
  }

  /** One takes part no longer. */
  leave(): void {
    this.#members--
    this.#ahead?.wake()
  }

  /**
   * Called before `begin`: who is ahead of all others waits for a moment until they have taken some of what is kept, or
   * they would find nothing of it. Undefined: there is nothing to wait for.
   */
  pace(): Promise<void> | undefined {
    if (this.#members < 2 || this.#ahead !== undefined || !this.isAhead) return undefined
    if (this.#unpaced === 0) return this.#waitForOthers()
    this.#unpaced--
    return undefined
  }

  async #waitForOthers(): Promise<void> {
    this.#ahead = new Waker()
    const until = performance.now() + paceMs
    while (this.isAhead && performance.now() < until)
      await this.#ahead.pause(until - performance.now(), never)
    this.#ahead = undefined
    this.#nextUnpaced = this.isAhead ? Math.min(2 * this.#nextUnpaced, mostUnpaced) : fewUnpaced
    this.#unpaced = this.isAhead ? this.#nextUnpaced : 0
  }

  /** What is made of a chunk already; null: the caller makes it. */
  find(chunk: Chunk): Shared | null {
    const kept = this.#kept.find((each) => each.batch !== null && !each.isOld && isSame(each.chunk, chunk))
    if (kept === undefined) return null
    kept.taken++
    kept.users++
    this.#idle = 0
    const done = () => {
      kept.users--
      this.#ahead?.wake()
    }
    return { batch: kept.batch as Exclude<Kept['batch'], null>, bytes: kept.chunk.bytes, done }
  }

  /** Keeps a chunk that the caller makes a batch of now; null: there is nobody for it, or no room. */
  begin(chunk: Chunk): Making | null {
    // While somebody who is ahead waits, this one is behind: what it makes nobody will look for.
    if (
      this.#members < 2 ||
      this.#ahead !== undefined ||
      chunk.malformed.length > 0 ||
      chunk.settledEvents !== undefined
    )
      return null
    if (this.#idle >= mostKept && this.#idle++ % trialEvery !== 0) return null
    const before = this.#isFull
      ? (this.#kept.find((each) => this.#isDone(each)) ?? this.#kept.find(isFree))
      : undefined
    if (this.#isFull && before === undefined) return null
    if (before !== undefined) this.#kept.splice(this.#kept.indexOf(before), 1)
    if (before?.taken === 0 && this.#idle < mostKept) this.#idle++
    const { length } = chunk.bytes
    const input = roomFor(length, before?.input)
    const bytes = Buffer.from(input, 0, length)
    bytes.set(chunk.bytes)
    let tell: (batch: Batch | null) => void = () => {}
    const batch = new Promise<Batch | null>((resolve) => {
      tell = resolve
    })
    const kept: Kept = {
      chunk: { ...chunk, bytes },
      input,
      output: before?.output,
      batch,
      users: 0,
      taken: 0,
      isOld: false,
    }
    this.#kept.push(kept)
    this.#timer ??= setInterval(() => this.#age(), keptMs).unref()
    return (made) => {
      if (kept.batch !== batch) return
      kept.batch = made && copyBatch(made, kept.output)
      const room = kept.batch?.frames.buffer as ArrayBuffer | undefined
      if (room !== undefined && room.byteLength <= usualBytes) kept.output = room
      tell(kept.batch)
    }
  }

  /** Whether one more chunk would take the place of one that others have still to take. */
  get isAhead(): boolean {
    return this.#isFull && !this.#kept.some((each) => this.#isDone(each))
  }

  /** Whether all others have taken it. */
  #isDone(kept: Kept): boolean {
    return isFree(kept) && (kept.isOld || kept.batch === null || kept.taken >= this.#members - 1)
  }

  get #isFull(): boolean {
    const bytes = this.#kept.reduce(
      (sum, { input, output }) => sum + input.byteLength + (output?.byteLength ?? 0),
      0,
    )
    return this.#kept.length >= mostKept || bytes > mostKeptBytes
  }

  #age(): void {
    this.#kept = this.#kept.filter((kept) => !kept.isOld || !isFree(kept))
    for (const kept of this.#kept) kept.isOld = true
    if (this.#kept.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** Nobody waits for it or reads it. */
function isFree({ batch, users }: Kept): boolean {
  return users === 0 && !(batch instanceof Promise)
}

function isSame(one: Chunk, other: Chunk): boolean {
  return (
    one.start === other.start &&
    one.end === other.end &&
    one.header === other.header &&
    one.file.id === other.file.id &&
    one.file.path === other.file.path &&
    one.file.source === other.file.source &&
    other.malformed.length === 0 &&
    other.settledEvents === undefined &&
    isSameLayout(one.layout, other.layout) &&
    one.bytes.equals(other.bytes)
  )
}

function isSameLayout(one: Layout | null, other: Layout | null): boolean {
  if (one === other) return true
  return (
    one !== null &&
    other !== null &&
    one.version === other.version &&
    Buffer.compare(one.header, other.header) === 0 &&
    one.columns.length === other.columns.length &&
    one.columns.every((column, index) => column === other.columns[index])
  )
}
