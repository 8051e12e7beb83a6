/**
 * A world for the delivery loop in which nothing happens by itself: logs that grow, a receiver, a disk, and
 * one life of the process after another. Every step (a chunk is read, bytes arrive, an outcome becomes known,
 * a connection breaks, the process crashes, time passes) is an action of the schedule.
 *
 * A record is four bytes: file, number (two bytes), kind. Record n of a file lies at offset 4 n.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { vi } from 'vitest'
import type { runPipeline } from '../../src/deliver/pipeline.ts'
import { PipelineStatistics } from '../../src/deliver/statistics.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Chunk, Malformed, Positions, Source } from '../../src/flow/chunk.ts'
import type { Checkpoint, DeadLetters, Destination, Outcome, Sending } from '../../src/flow/delivery.ts'
import type { Transform } from '../../src/flow/in-parts.ts'
import type { Log } from '../../src/flow/log.ts'
import { inTurn } from '../../src/transform/chunk-to-batch.ts'

/** How often each action is taken, in proportion: enough in flight at once for a break to tear at. */
export const actionWeights = {
  append: 4,
  read: 10,
  take: 10,
  arrive: 6,
  settle: 6,
  'fail late': 1,
  turn: 4,
  break: 2,
  reject: 1,
  disk: 4,
  'disk full': 1,
  time: 4,
  crash: 1,
  restart: 1,
} as const

/** One step; `a` and `b` choose among what is possible at that moment. */
export interface Action {
  readonly kind: keyof typeof actionWeights
  readonly a: number
  readonly b: number
}

export interface WorldOptions {
  readonly run: typeof runPipeline
  /**
   * `stream`: one connection at a time that delivers in order, so records must arrive in order.
   * `any`: several connections side by side, and batches that are rejected.
   */
  readonly receiver: 'stream' | 'any'
}

const RECORD = 4
const FILES = 3
const silent = (): void => undefined
const log: Log = { debug: silent, info: silent, warn: silent, error: silent }

/** Runs the schedule and then, without any more trouble, to the end; what went wrong, once per kind. */
export async function simulate(
  options: WorldOptions,
  schedule: readonly Action[],
): Promise<ReadonlySet<string>> {
  const world = new World(options)
  for (const action of schedule) await world.step(action)
  await world.finish()
  return world.violations
}

class World {
  readonly violations = new Set<string>()
  /** Contents of the logs. */
  readonly files = Array.from({ length: FILES }, () => Buffer.alloc(0))
  /** Records that the receiver has, and the last number that was new to it, by file. */
  readonly received = new Set<number>()
  readonly newest = new Array<number>(FILES).fill(-1)
  readonly lettered = new Set<number>()
  stored: Positions = new Map()
  readonly options: WorldOptions
  #life: Life

  constructor(options: WorldOptions) {
    this.options = options
    this.#life = new Life(this)
  }

  async step({ kind, a, b }: Action): Promise<void> {
    const life = this.#life
    if (kind === 'append') this.#append(a % FILES, b)
    else if (kind === 'time') vi.advanceTimersByTime(a % 3 === 0 ? 40_000 : 500)
    else if (kind === 'restart') await this.#restart()
    else if (kind === 'crash') await this.#crash(a)
    else life.act(kind, a, b)
    for (let turn = 0; turn < 3; turn++) await nextTurn()
    this.#life.checkBalance()
  }

  /** Everything works now: all must arrive and be committed, in finite time. */
  async finish(): Promise<void> {
    const isDone = (): boolean => this.files.every((file, index) => this.#offsetOf(index) === file.length)
    for (let round = 0; !isDone(); round++) {
      if (round > 500) {
        this.violations.add('stuck')
        break
      }
      for (const kind of ['read', 'take', 'arrive', 'settle', 'disk', 'time'] as const) {
        await this.step({ kind, a: 0, b: 7 })
      }
    }
    const { result, statistics, startedAt } = await this.#stop()
    if (result !== 'settled') this.violations.add(`ended ${result}`)
    const rows = this.files.map(
      (file, index) => (file.length - (startedAt.get(fileId(index))?.offset ?? 0)) / RECORD,
    )
    const { read, inFlight } = statistics.snapshot()
    if (inFlight !== 0 || read !== rows.reduce((sum, count) => sum + count)) this.violations.add('miscounted')
    for (const [index, file] of this.files.entries()) this.#checkAccounted(index, file.length, 'lost')
  }

  checkNotAhead(positions: Positions): void {
    for (const index of this.files.keys()) {
      this.#checkAccounted(index, positions.get(fileId(index))?.offset ?? 0, 'position ahead of delivery')
    }
  }

  receive(record: number): void {
    const file = record >> 16
    const number = record & 0xffff
    if (this.received.has(record)) return
    this.received.add(record)
    if (number < this.newest[file]!) this.violations.add('out of order')
    this.newest[file] = number
  }

  #append(file: number, b: number): void {
    const contents = this.files[file]!
    const first = contents.length / RECORD
    const count = 1 + (b % 9)
    const added = Array.from({ length: count }, (_, index) => {
      const number = first + index
      // Mostly events; now and then a whole run that holds nothing to send.
      const kind = b % 7 === 0 ? 1 + (number % 2) : (number * 7 + b) % 11 < 9 ? 0 : 1 + (number % 2)
      return [file, number >> 8, number & 0xff, kind]
    })
    this.files[file] = Buffer.concat([contents, Buffer.from(added.flat())])
  }

  async #crash(a: number): Promise<void> {
    await this.#life.crash(a % 2 === 0)
    this.#life = new Life(this)
  }

  async #restart(): Promise<void> {
    const { result, statistics } = await this.#stop()
    const inFlight = statistics.snapshot().inFlight
    if (result === 'settled' && inFlight > 0) this.violations.add('settled with rows in flight')
    this.#life = new Life(this)
  }

  async #stop(): Promise<{ result: string; statistics: PipelineStatistics; startedAt: Positions }> {
    const result = await this.#life.stop()
    const { statistics, startedAt } = this.#life
    return { result, statistics, startedAt }
  }

  #offsetOf(file: number): number {
    return this.stored.get(fileId(file))?.offset ?? 0
  }

  #checkAccounted(file: number, end: number, violation: string): void {
    const contents = this.files[file]!
    for (let offset = 0; offset < end; offset += RECORD) {
      const record = recordAt(contents, offset)
      const kind = contents[offset + 3]
      const isAccounted = kind === 2 || this.lettered.has(record) || (kind === 0 && this.received.has(record))
      if (!isAccounted) this.violations.add(violation)
    }
  }
}

/** A batch on its way through one connection. */
interface Shipment {
  readonly batch: Batch
  readonly connection: number
  records: readonly number[]
  state: 'offered' | 'taken' | 'arrived'
  settled: boolean
  take(): void
  settle(outcome: Outcome): void
}

interface DiskWork {
  apply(): void
  done(): void
  fail(): void
}

/** One life of the process: the pipeline and all that it touches, which ends with it. */
class Life implements Source, Destination, Checkpoint, DeadLetters {
  readonly name = 'receiver'
  readonly statistics = new PipelineStatistics()
  readonly startedAt: Positions
  readonly #world: World
  readonly #stop = new AbortController()
  readonly #result: Promise<string>
  #ended = false
  #read = 0
  #isOver = false
  #shipments: Shipment[] = []
  #connection = 0
  #disk: DiskWork[] = []
  #permit: ((choice: { a: number; b: number }) => void) | undefined
  /** Reused as the contracts allow: a chunk until the next is asked for, frames until `send` resolves. */
  readonly #chunkBytes = Buffer.alloc(64)
  readonly #frames = Buffer.alloc(64)

  constructor(world: World) {
    this.#world = world
    this.startedAt = world.stored
    this.#result = world.options.run({
      name: 'simulated',
      source: this,
      batches: inTurn(this.#transform),
      destination: this,
      checkpoint: this,
      deadLetters: this,
      log,
      stop: this.#stop.signal,
      statistics: this.statistics,
    })
    void this.#result.then(() => {
      this.#isOver = true
    })
  }

  act(kind: Action['kind'], a: number, b: number): void {
    if (kind === 'read') this.#permit?.({ a, b })
    if (kind === 'take') this.#take()
    if (kind === 'arrive') this.#arrive(a, b)
    if (kind === 'settle') this.#settleOne(a, { status: 'delivered' })
    if (kind === 'fail late') this.#settleOne(a, { status: 'unavailable', reason: 'late' })
    if (kind === 'break') this.#break(a, b)
    if (kind === 'disk') this.#finishDiskWork()
    if (kind === 'disk full') this.#disk.shift()?.fail()
    if (this.#world.options.receiver === 'stream') return
    if (kind === 'turn') this.#connection++
    if (kind === 'reject') this.#reject(a)
  }

  /** All of the process is lost; a write under way may or may not have reached the disk. */
  async crash(diskWorkDone: boolean): Promise<void> {
    if (diskWorkDone) this.#finishDiskWork()
    this.#ended = true
    for (const { done } of this.#disk) done()
    await this.close()
    await this.stop()
  }

  /** A graceful end; the connection delivers nothing more. */
  async stop(): Promise<string> {
    this.#stop.abort()
    while (!this.#isOver) {
      if (!this.#ended) this.#finishDiskWork()
      vi.advanceTimersByTime(1_000)
      await nextTurn()
    }
    return this.#result
  }

  checkBalance(): void {
    const { read, delivered, filtered, malformed, rejected, lost, inFlight } = this.statistics.snapshot()
    if (read !== delivered + filtered + malformed + rejected + lost + inFlight || inFlight < 0) {
      this.#world.violations.add('unbalanced')
    }
    if (read < this.#read) this.#world.violations.add('read fell')
    this.#read = read
  }

  // ── source and transform ──────────────────────────────────────────────────────────────────────────

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    const { files } = this.#world
    const offsets = files.map((_, index) => from.get(fileId(index))?.offset ?? 0)
    while (!signal.aborted) {
      const choice = await this.#nextPermit(signal)
      const unread = [...files.keys()].filter((index) => offsets[index]! < files[index]!.length)
      if (choice === undefined || unread.length === 0) continue
      const file = unread[choice.a % unread.length]!
      const start = offsets[file]!
      const end = Math.min(files[file]!.length, start + RECORD * (1 + (choice.b % 8)))
      const bytes = this.#chunkBytes.subarray(0, end - start)
      files[file]!.copy(bytes, 0, start, end)
      offsets[file] = end
      const about = { id: fileId(file), source: 'ex01', path: fileId(file) }
      yield { file: about, layout: null, header: 0, start, end, bytes, malformed: [] }
      this.#chunkBytes.fill(0xff)
    }
  }

  #nextPermit(signal: AbortSignal): Promise<{ a: number; b: number } | undefined> {
    return new Promise((resolve) => {
      const end = (): void => resolve(undefined)
      signal.addEventListener('abort', end)
      this.#permit = (choice) => {
        signal.removeEventListener('abort', end)
        resolve(choice)
      }
    })
  }

  readonly #transform: Transform = ({ file, start, end, bytes }) => {
    const ends: number[] = []
    const malformed: Malformed[] = []
    let size = 0
    this.#frames.fill(0xee)
    for (let offset = 0; offset < bytes.length; offset += RECORD) {
      const row = bytes.subarray(offset, offset + RECORD)
      if (row[3] === 0) {
        size += row.copy(this.#frames, size)
        ends.push(size)
      } else if (row[3] === 1) {
        malformed.push({
          path: file.path,
          offset: start + offset,
          reason: 'malformed',
          line: Buffer.from(row),
        })
      }
    }
    const filtered = bytes.length / RECORD - ends.length - malformed.length
    const batch = {
      start,
      position: { fileId: file.id, offset: end, header: 0 },
      file,
      frames: this.#frames.subarray(0, size),
      ends: Uint32Array.from(ends),
      counts: {
        events: ends.length,
        filtered,
        malformed: malformed.length,
        cut: 0,
        clamped: 0,
        invalid: 0,
        brokenHeaders: 0,
      },
      malformed,
    }
    return [batch]
  }

  // ── destination ───────────────────────────────────────────────────────────────────────────────────

  async send(batch: Batch): Promise<Sending> {
    if (this.#ended) return { outcome: Promise.resolve({ status: 'unavailable', reason: 'ended' }) }
    return new Promise((resolveSend) => {
      const outcome = new Promise<Outcome>((resolveOutcome) => {
        const shipment: Shipment = {
          batch,
          connection: this.#connection,
          records: [],
          state: 'offered',
          settled: false,
          take: () => resolveSend({ outcome }),
          settle: (fate) => {
            shipment.settled = true
            resolveOutcome(fate)
          },
        }
        this.#shipments.push(shipment)
      })
    })
  }

  async close(): Promise<void> {
    for (const shipment of this.#unsettled()) this.#fail(shipment)
  }

  /** The frames are looked at only now, when room was made for them. */
  #take(): void {
    const shipment = this.#shipments.find(({ state }) => state === 'offered')
    if (shipment === undefined) return
    const { frames, ends } = shipment.batch
    shipment.records = Array.from(ends, (end) => recordAt(frames, end - RECORD))
    shipment.state = 'taken'
    shipment.take()
  }

  /** Some of what one connection holds reaches the receiver, in the order of that connection. */
  #arrive(a: number, b: number): void {
    const waiting = this.#shipments.filter(({ state, settled }) => state === 'taken' && !settled)
    const connection = waiting[a % waiting.length]?.connection
    const next = waiting.filter((shipment) => shipment.connection === connection).slice(0, 1 + (b % 3))
    for (const shipment of next) {
      shipment.state = 'arrived'
      for (const record of shipment.records) this.#world.receive(record)
    }
  }

  #settleOne(a: number, outcome: Outcome): void {
    const arrived = this.#unsettled().filter(({ state }) => state === 'arrived')
    const shipment = arrived[a % arrived.length]
    shipment?.settle(outcome)
    this.#forgetSettled()
  }

  /** What did not arrive is lost and known to be; what arrived may be known to be later. */
  #break(a: number, b: number): void {
    const unsettled = this.#unsettled()
    const connection = unsettled[a % unsettled.length]?.connection
    const broken = unsettled.filter((shipment) => shipment.connection === connection)
    const lost = broken.filter(({ state }) => state !== 'arrived')
    const failed = lost.length > 0 ? lost : broken.slice(-1)
    if (b % 2 === 0) failed.reverse()
    for (const shipment of failed) this.#fail(shipment)
    this.#connection++
    this.#forgetSettled()
  }

  #reject(a: number): void {
    const waiting = this.#unsettled().filter(({ state }) => state === 'taken')
    waiting[a % waiting.length]?.settle({ status: 'rejected', reason: 'not understood' })
    this.#forgetSettled()
  }

  #fail(shipment: Shipment): void {
    shipment.settle({ status: 'unavailable', reason: 'broken' })
    // A send that waits for room must not wait for ever; its frames are not looked at any more.
    shipment.state = 'taken'
    shipment.take()
  }

  #unsettled(): Shipment[] {
    return this.#shipments.filter(({ settled }) => !settled)
  }

  #forgetSettled(): void {
    this.#shipments = this.#unsettled()
  }

  // ── disk: checkpoint and dead letters ─────────────────────────────────────────────────────────────

  async load(): Promise<Positions> {
    return this.#world.stored
  }

  save(positions: Positions): Promise<void> {
    if (!this.#ended) this.#world.checkNotAhead(positions)
    return this.#work(() => {
      this.#world.stored = positions
    })
  }

  write(letters: readonly Malformed[]): Promise<void> {
    return this.#work(() => {
      for (const letter of letters) this.#keep(letter)
    })
  }

  #keep({ path, offset, reason }: Malformed): void {
    const contents = this.#world.files[Number(path)]!
    const [, from, to] = /from bytes (\d+) to (\d+)/.exec(reason) ?? [undefined, offset, offset + RECORD]
    for (let at = Number(from); at < Number(to); at += RECORD) {
      this.#world.lettered.add(recordAt(contents, at))
    }
  }

  #work(apply: () => void): Promise<void> {
    if (this.#ended) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#disk.push({ apply, done: resolve, fail: () => reject(new Error('ENOSPC')) })
    })
  }

  #finishDiskWork(): void {
    const work = this.#disk.shift()
    work?.apply()
    work?.done()
  }
}

function fileId(index: number): string {
  return String(index)
}

function recordAt(bytes: Buffer, offset: number): number {
  return bytes.readUIntBE(offset, 3)
}
