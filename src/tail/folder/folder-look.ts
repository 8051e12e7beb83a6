/**
 * A look at the folder of a source beside those that read it: which logs it holds, how large and how old they are, and
 * what its newest record says. It asks only when it is asked, one call at a time, so that reading never waits for more
 * than one of them; and a log to which nobody writes any more is measured once.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceOptions } from '../options.ts'
import { readNames, systemPath } from './file-name.ts'
import { compareFileOrder, type FileOrder, fileOrder } from './file-order.ts'
import { compileGlob } from './glob.ts'
import { type Lane, lanes as lanesOfProcess } from './lanes.ts'
import { type FoundRecord, newestRecordOf, recordFrom } from './record-look.ts'
import { remedyFor, systemReason } from './remedy.ts'

/** A log in the folder. */
export interface SeenLog {
  readonly name: string
  readonly path: string
  readonly order: FileOrder
  readonly size: number
  readonly modifiedAtMs: number
}

/** What was seen of a folder. */
export interface SeenFolder {
  /** Why it can't be read; null when it can. What is said of the logs then is of before. */
  readonly reason: string | null
  /** What to do about it then. */
  readonly remedy: string | null
  /** Those that are measured, oldest first within their prefix. */
  readonly logs: readonly SeenLog[]
  /** Logs that were not measured yet. */
  readonly unmeasured: number
  /** When a log was deleted last since this program looks, and how old the oldest one was that stayed. */
  readonly deletion: { readonly atMs: number; readonly keptMs: number } | null
}

/** So many of each prefix may still be written to. */
const lively = 3
/** What is older is measured again after this: it may be a copy that is being made. */
const againMs = 10 * 60_000
/** How long a record is waited for. */
const patienceMs = 1_000
const mostRemembered = 64
/** So many are measured in one look. */
const mostMeasured = 512

interface Measured extends SeenLog {
  readonly atMs: number
}

/** The looks at one folder. */
export class FolderLook {
  readonly #folder: string
  readonly #lane: Lane
  readonly #matches: (name: string) => boolean
  readonly #measured = new Map<string, Measured>()
  readonly #records = new Map<string, FoundRecord>()
  /** A record is asked for and does not come. */
  #isLate = false
  #seen: SeenFolder = { reason: null, remedy: null, logs: [], unmeasured: 0, deletion: null }
  /** Who writes here, as the last record said that told it. */
  #server: string | null = null
  #looking: Promise<void> | undefined
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor({ folder, pattern }: SourceOptions, lanes = lanesOfProcess) {
    this.#folder = folder
    this.#lane = lanes.of(folder)
    this.#matches = compileGlob(pattern)
  }

  /** What the last look saw. */
  get seen(): SeenFolder {
    return this.#seen
  }

  /** Looks again if the last look is older than this; never rejects. */
  look(maxAgeMs: number): Promise<void> {
    if (performance.now() - this.#lookedAtMs < maxAgeMs && this.#seen.unmeasured === 0)
      return Promise.resolve()
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      this.#lookedAtMs = performance.now()
    })
    return this.#looking
  }

  /** The newest record of the folder; null when none was found. */
  async newestRecord(): Promise<FoundRecord | null> {
    let newest: FoundRecord | null = null
    for (const logs of byPrefix(this.#seen.logs).values()) {
      // The newest one may hold nothing but its header yet.
      for (const log of logs.toReversed().slice(0, 2)) {
        const found = await this.#remembering(`${log.path} ${log.size}`, () =>
          newestRecordOf(this.#lane, log),
        )
        if (found === null) continue
        this.#server = found.server ?? this.#server
        if (newest === null || found.atMs > newest.atMs) newest = found
        break
      }
    }
    return newest && { ...newest, server: newest.server ?? this.#server }
  }

  /** The first record of a log behind an offset; null when none was found. */
  recordFrom({ path, size }: SeenLog, offset: number): Promise<FoundRecord | null> {
    return this.#remembering(`${path} from ${offset}`, () => recordFrom(this.#lane, { path, size }, offset))
  }

  /** As long as the question is the same, so is the answer. A dead share is asked once and not waited for again. */
  async #remembering(question: string, find: () => Promise<FoundRecord | null>): Promise<FoundRecord | null> {
    const known = this.#records.get(question)
    if (known !== undefined || this.#isLate) return known ?? null
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        this.#isLate = true
        resolve(null)
      }, patienceMs)
    })
    const found = find().then(
      (record) => {
        if (record !== null) this.#remember(question, record)
        return record
      },
      () => null,
    )
    void found.then(() => {
      clearTimeout(timer)
      this.#isLate = false
    })
    return Promise.race([found, late])
  }

  #remember(question: string, record: FoundRecord): void {
    if (this.#records.size >= mostRemembered) this.#records.clear()
    this.#records.set(question, record)
  }

  async #look(): Promise<void> {
    try {
      const names = (await this.#lane.call(() => readNames(this.#folder))).filter(this.#matches)
      const deletion = this.#forget(new Set(names))
      const orders = names.map(fileOrder).sort(compareFileOrder)
      const left = await this.#measure(orders)
      const logs = [...this.#measured.values()].sort((a, b) => compareFileOrder(a.order, b.order))
      this.#seen = { reason: null, remedy: null, logs, unmeasured: left, deletion }
    } catch (error) {
      const remedy = remedyFor((error as NodeJS.ErrnoException).code, this.#folder)
      this.#seen = { ...this.#seen, reason: systemReason(error), remedy }
    }
  }

  #forget(present: ReadonlySet<string>): SeenFolder['deletion'] {
    const gone = [...this.#measured.keys()].filter((name) => !present.has(name))
    for (const name of gone) this.#measured.delete(name)
    if (gone.length === 0) return this.#seen.deletion
    const oldest = Math.min(...[...this.#measured.values()].map(begunAtMs))
    return Number.isFinite(oldest)
      ? { atMs: Date.now(), keptMs: Math.max(0, Date.now() - oldest) }
      : this.#seen.deletion
  }

  /** Returns how many are left to be measured. */
  async #measure(orders: readonly FileOrder[]): Promise<number> {
    const live = new Set(
      [...byPrefix(orders.map((order) => ({ order }))).values()]
        .flatMap((of) => of.slice(-lively))
        .map(({ order }) => order.name),
    )
    let most = mostMeasured
    let left = 0
    // The newest first: they are what changes.
    for (const order of orders.toReversed()) {
      const before = this.#measured.get(order.name)
      if (before !== undefined && !live.has(order.name) && performance.now() - before.atMs < againMs) continue
      if (most-- <= 0) {
        if (before === undefined) left++
        continue
      }
      const path = join(this.#folder, order.name)
      const stats = await this.#lane
        .call(() => stat(systemPath(path)))
        .catch((error: NodeJS.ErrnoException) => {
          // It has just gone, or is not for us: whoever reads it says so.
          if (error.code === 'ETIMEDOUT') throw error
          return undefined
        })
      if (stats === undefined || !stats.isFile()) continue
      const { size, mtimeMs: modifiedAtMs } = stats
      this.#measured.set(order.name, {
        name: order.name,
        path,
        order,
        size,
        modifiedAtMs,
        atMs: performance.now(),
      })
    }
    return left
  }
}

/** When a log was begun: the hour in its name, which is UTC; for another name when it was modified. */
export function begunAtMs({ order, modifiedAtMs }: Pick<SeenLog, 'order' | 'modifiedAtMs'>): number {
  const [, year, month, day, hour] = /^(\d{4})(\d\d)(\d\d)(\d\d)$/.exec(order.time) ?? []
  return year === undefined
    ? modifiedAtMs
    : Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour))
}

function byPrefix<Of extends { readonly order: FileOrder }>(
  all: readonly Of[],
): ReadonlyMap<string, readonly Of[]> {
  const groups = new Map<string, Of[]>()
  for (const each of all) {
    const { prefix } = each.order
    const group = groups.get(prefix)
    if (group === undefined) groups.set(prefix, [each])
    else group.push(each)
  }
  return groups
}
