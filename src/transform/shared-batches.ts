/**
 * Batches for destinations whose events are the same: while they keep pace, each chunk is made into its batch once.
 *
 *   a reads  1 2 3 4 5        a makes  1 · 3 4 ·
 *   b reads  1 2 3 4 5        b makes  · 2 · · 5        and each takes what the other one made
 *
 * A batch is taken only for the same bytes in the same place under the same header, which are compared. Who falls behind,
 * or is ahead, makes its own: nobody waits for another one's receiver.
 */
import type { Batch } from '../flow/batch.ts'
import type { Chunk, Layout } from '../flow/chunk.ts'
import { copyBatch, roomFor, usualBytes } from './batch-copy.ts'

/** So many chunks may lie between those that keep pace, and no more than take so much memory. */
const mostKept = 8
const mostKeptBytes = 24 * 1024 * 1024
/** While nobody takes what is kept, one chunk of so many is still kept, to find out when somebody does. */
const trialEvery = 16
/** Headers may tell the time of sending, and memory is given back. */
const keptMs = 1000

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
  isTaken: boolean
  isOld: boolean
}

/** What they share; in one thread. */
export class SharedBatches {
  #members = 0
  #kept: Kept[] = []
  /** So many in a row were kept for nobody. */
  #idle = 0
  #timer: NodeJS.Timeout | undefined

  /** One more takes part. */
  join(): void {
    this.#members++
  }

  /** One takes part no longer. */
  leave(): void {
    this.#members--
  }

  /** What is made of a chunk already; null: the caller makes it. */
  find(chunk: Chunk): Shared | null {
    const kept = this.#kept.find((each) => each.batch !== null && !each.isOld && isSame(each.chunk, chunk))
    if (kept === undefined) return null
    kept.isTaken = true
    kept.users++
    this.#idle = 0
    const done = () => {
      kept.users--
    }
    return { batch: kept.batch as Exclude<Kept['batch'], null>, bytes: kept.chunk.bytes, done }
  }

  /** Keeps a chunk that the caller makes a batch of now; null: there is nobody for it, or no room. */
  begin(chunk: Chunk): Making | null {
    if (this.#members < 2 || chunk.malformed.length > 0 || chunk.settledEvents !== undefined) return null
    if (this.#idle >= mostKept && this.#idle++ % trialEvery !== 0) return null
    const free = this.#isFull ? this.#kept.findIndex(isFree) : undefined
    if (free === -1) return null
    const [before] = free === undefined ? [] : this.#kept.splice(free, 1)
    if (before?.isTaken === false && this.#idle < mostKept) this.#idle++
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
      isTaken: false,
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
