/**
 * Batches for destinations whose events are the same: while they keep pace, each chunk is made into its batch once.
 *
 *   a reads  1 2 3 4 5        a makes  1 · 3 4 ·
 *   b reads  1 2 3 4 5        b makes  · 2 · · 5        and each takes what the other one made
 *
 * A batch is taken only for the same bytes in the same place under the same header, which are compared. Of each that is
 * kept it is known who has still to come to it. Who is behind all that is kept waits, when there is no room, until one has
 * been taken by all: so any number stay together, at the pace of the slowest. Once nobody takes anything for a moment, those
 * that are missing are waited for no longer and make their own: nobody waits for long for another one's receiver.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Batch } from '../flow/batch.ts'
import type { Chunk } from '../flow/chunk.ts'
import { Waker } from '../flow/waker.ts'
import { copyBatch, roomFor, usualBytes } from './batch-copy.ts'
import { isSameChunk } from './same-chunk.ts'

/** So many chunks may lie between those that keep pace, and no more than take so much memory. */
const mostKept = 8
const mostKeptBytes = 24 * 1024 * 1024
/** While nobody takes what is kept, one chunk of so many is still kept, to find out when somebody does. */
const trialEvery = 16
/** Headers may tell the time of sending, and memory is given back. */
const keptMs = 1000
/** So long who is ahead waits while none of the others takes anything. */
const paceMs = 100
/** Who did not is not waited for while so many chunks are made, and twice as many after each time more. */
const [fewUnawaited, mostUnawaited] = [32, 4096]

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

/** One of those who share, and where it is. */
export interface Sharer {
  /** The file whose chunk it asked for last, and how far it is in it. */
  file: string
  at: number
  /** It passed by what others took, as its chunks are cut elsewhere. It is not waited for until it takes one or one of its is taken. */
  isApart: boolean
  /** While so many more chunks are made nobody waits for it, since it stood still; */
  unawaited: number
  /** and if it does so again, while so many are. */
  nextUnawaited: number
}

interface Kept {
  readonly chunk: Chunk
  readonly maker: Sharer
  readonly input: ArrayBuffer
  output: ArrayBuffer | undefined
  batch: Batch | null | Promise<Batch | null>
  /** Those whose batch it is at the moment. */
  readonly users: Sharer[]
  /** Whether anybody has taken it. */
  isTaken: boolean
  /** Those who have neither taken it nor passed it by. */
  readonly missing: Set<Sharer>
  readonly sinceMs: number
  isOld: boolean
}

/** What they share; in one thread. */
export class SharedBatches {
  readonly #sharers = new Set<Sharer>()
  #kept: Kept[] = []
  /** So many in a row were kept for nobody. */
  #idle = 0
  #timer: NodeJS.Timeout | undefined
  /** Those who are ahead, and wait. */
  readonly #waiting = new Set<Waker>()
  /** When something was kept, made, taken or given back last. */
  #movedMs = 0

  /** One more takes part. */
  join(): Sharer {
    const sharer = { file: '', at: 0, isApart: false, unawaited: 0, nextUnawaited: fewUnawaited }
    this.#sharers.add(sharer)
    return sharer
  }

  /** One takes part no longer. */
  leave(sharer: Sharer): void {
    this.#sharers.delete(sharer)
    for (const { missing } of this.#kept) missing.delete(sharer)
    this.#moved()
  }

  /**
   * Called before `begin`: who is ahead of all others waits until they have taken some of what is kept, or they would find
   * nothing of it; or until another one makes this chunk. Undefined: there is nothing to wait for.
   */
  pace(sharer: Sharer, chunk: Chunk): Promise<void> | undefined {
    return this.isAhead(sharer) ? this.#waitForOthers(sharer, chunk) : undefined
  }

  async #waitForOthers(sharer: Sharer, chunk: Chunk): Promise<void> {
    const waker = new Waker()
    this.#waiting.add(waker)
    const sinceMs = performance.now()
    const untilMs = () => Math.max(sinceMs, this.#movedMs) + paceMs
    while (this.isAhead(sharer) && this.#keptOf(chunk) === undefined) {
      await waker.pause(untilMs() - performance.now(), never)
      if (performance.now() < untilMs()) continue
      // After work that took long a timer comes before those who were to move meanwhile.
      await nextTurn()
      if (performance.now() >= untilMs() && !this.#giveUp()) break
    }
    this.#waiting.delete(waker)
  }

  /** Those who stand still are waited for no longer; false: there are none. */
  #giveUp(): boolean {
    const still = new Set(
      this.#kept.flatMap(({ missing, users }) => [...missing, ...users].filter(isAwaited)),
    )
    for (const sharer of still) {
      sharer.unawaited = sharer.nextUnawaited
      sharer.nextUnawaited = Math.min(2 * sharer.nextUnawaited, mostUnawaited)
    }
    this.#wake()
    return still.size > 0
  }

  #moved(): void {
    this.#movedMs = performance.now()
    if (this.#kept.some(isDone)) this.#wake()
  }

  #wake(): void {
    for (const waker of this.#waiting) waker.wake()
  }

  /** What is made of a chunk already; null: the caller makes it. */
  find(sharer: Sharer, chunk: Chunk): Shared | null {
    this.#pass(sharer, chunk)
    const kept = this.#keptOf(chunk)
    if (kept === undefined) return null
    sharer.at = chunk.end
    for (const each of [sharer, kept.maker]) this.#keepsPace(each)
    kept.missing.delete(sharer)
    kept.isTaken = true
    kept.users.push(sharer)
    this.#idle = 0
    this.#moved()
    const done = () => {
      kept.users.splice(kept.users.indexOf(sharer), 1)
      this.#moved()
    }
    return { batch: kept.batch as Exclude<Kept['batch'], null>, bytes: kept.chunk.bytes, done }
  }

  #keepsPace(sharer: Sharer): void {
    sharer.isApart = false
    if (sharer.unawaited === 0 && this.#waiting.size > 0) sharer.nextUnawaited = fewUnawaited
    // Who stood still once, and is back before what it missed is gone, is waited for again at once.
    if (sharer.nextUnawaited <= 2 * fewUnawaited) sharer.unawaited = 0
  }

  /** It has come to this chunk, and comes to none before it. */
  #pass(sharer: Sharer, { file: { id }, start }: Chunk): void {
    sharer.file = id
    sharer.at = start
    for (const kept of this.#kept) {
      if (kept.chunk.file.id !== id || kept.chunk.start >= start || !kept.missing.delete(sharer)) continue
      // That nobody takes one may be due to who made it.
      if (!isOver(kept) && (kept.isTaken || this.#idle >= mostKept)) sharer.isApart = true
      this.#moved()
    }
  }

  #keptOf(chunk: Chunk): Kept | undefined {
    return this.#kept.find((each) => each.batch !== null && !each.isOld && isSameChunk(each.chunk, chunk))
  }

  /** Keeps a chunk that the caller makes a batch of now; null: there is nobody for it, or no room. */
  begin(sharer: Sharer, chunk: Chunk): Making | null {
    const { id } = chunk.file
    sharer.file = id
    sharer.at = chunk.end
    const others = [...this.#sharers].filter((other) => other !== sharer)
    for (const other of others) if (other.unawaited > 0) other.unawaited--
    const missing = new Set(others.filter(({ file, at }) => file !== id || at <= chunk.start))
    if (missing.size === 0 || chunk.malformed.length > 0 || chunk.settledEvents !== undefined) return null
    if (this.#idle >= mostKept && this.#idle++ % trialEvery !== 0) return null
    const before = this.#isFull ? this.#leastNeeded(sharer) : undefined
    if (this.#isFull && before === undefined) return null
    if (before !== undefined) this.#kept.splice(this.#kept.indexOf(before), 1)
    if (before?.isTaken === false && this.#idle < mostKept) this.#idle++
    // Whoever still uses it has it alone.
    const spare = before?.users.length === 0 ? before : undefined
    const { length } = chunk.bytes
    const input = roomFor(length, spare?.input)
    const bytes = Buffer.from(input, 0, length)
    bytes.set(chunk.bytes)
    let tell: (batch: Batch | null) => void = () => {}
    const batch = new Promise<Batch | null>((resolve) => {
      tell = resolve
    })
    const kept: Kept = {
      chunk: { ...chunk, bytes },
      maker: sharer,
      input,
      output: spare?.output,
      batch,
      users: [],
      isTaken: false,
      missing,
      sinceMs: performance.now(),
      isOld: false,
    }
    this.#kept.push(kept)
    this.#timer ??= setInterval(() => this.#age(), keptMs / 4).unref()
    this.#moved()
    this.#wake()
    return (made) => {
      if (kept.batch !== batch) return
      kept.batch = made && copyBatch(made, kept.output)
      const room = kept.batch?.frames.buffer as ArrayBuffer | undefined
      if (room !== undefined && room.byteLength <= usualBytes) kept.output = room
      tell(kept.batch)
      this.#moved()
    }
  }

  /** Whether one more chunk of it would take the place of one that others, whom it is in step with, have still to take. */
  isAhead(sharer: Sharer): boolean {
    return isAwaited(sharer) && this.#isFull && !this.#kept.some(isDone) && !this.#isBehind(sharer)
  }

  /** Whether it has still to come to some of what is kept of its file. */
  #isBehind(sharer: Sharer): boolean {
    return this.#kept.some(({ chunk, missing }) => chunk.file.id === sharer.file && missing.has(sharer))
  }

  /** Whose place another one takes: nobody comes to it, or none that is waited for, or, behind all, who comes last. */
  #leastNeeded(sharer: Sharer): Kept | undefined {
    const free = this.#kept.filter(isFree)
    return (
      free.find((each) => isOver(each) || each.missing.size === 0) ??
      this.#kept.find(isDone) ??
      (this.#isBehind(sharer) ? undefined : free[0])
    )
  }

  get #isFull(): boolean {
    const bytes = this.#kept.reduce(
      (sum, { input, output }) => sum + input.byteLength + (output?.byteLength ?? 0),
      0,
    )
    return this.#kept.length >= mostKept || bytes > mostKeptBytes
  }

  #age(): void {
    const now = performance.now()
    for (const kept of this.#kept) kept.isOld = now - kept.sinceMs >= keptMs
    // What is old for as long again gives its memory back.
    this.#kept = this.#kept.filter((kept) => now - kept.sinceMs < 2 * keptMs || !isFree(kept))
    this.#wake()
    if (this.#kept.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** Nobody makes it, waits for it or reads it. */
function isFree({ batch, users }: Kept): boolean {
  return users.length === 0 && !(batch instanceof Promise)
}

/** Nobody can take it any more. */
function isOver({ batch, isOld }: Kept): boolean {
  return isOld || batch === null
}

/** Whether all that are in step with who made it have taken it and are through with it. */
function isDone(kept: Kept): boolean {
  const { maker, batch, users, missing } = kept
  if (batch instanceof Promise || users.some(isAwaited)) return false
  if (isOver(kept) || !isAwaited(maker)) return true
  for (const sharer of missing) if (isAwaited(sharer)) return false
  return true
}

function isAwaited({ isApart, unawaited }: Sharer): boolean {
  return !isApart && unawaited === 0
}
