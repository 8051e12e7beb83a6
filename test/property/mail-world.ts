/**
 * A world for a destination of mails in which nothing happens by itself: logs of two servers that grow, a receiver, saved
 * positions, and one life of the process after another. Each row has a recipient of its own, so that a record tells of
 * which rows it is made.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { vi } from 'vitest'
import type { Chunk, Positions, Source } from '../../src/flow/chunk.ts'
import { firstOffset, mailsId } from '../../src/mails/closed-queue.ts'
import { mailColumns } from '../../src/mails/layout.ts'
import { MailSource } from '../../src/mails/mail-source.ts'
import { splitList } from '../../src/records/list.ts'
import { createMailRows } from '../../src/transform/mail-rows.ts'

/** How often each action is taken, in proportion. */
export const actionWeights = {
  append: 8,
  read: 10,
  settle: 6,
  minutes: 4,
  break: 1,
  crash: 1,
  stop: 1,
} as const

/** One step; `a` and `b` choose among what is possible at that moment. */
export interface Action {
  readonly kind: keyof typeof actionWeights
  readonly a: number
  readonly b: number
}

const files = ['EX01/a.LOG#1', 'EX01/b.LOG#1', 'EX02/a.LOG#1'] as const
const columns = [
  'date-time',
  'event-id',
  'source',
  'server-hostname',
  'network-message-id',
  'recipient-address',
]
const layout = { columns, version: '15.02.1544.004', header: new Uint8Array(0) }
const headerBytes = 100
const rowsIn = createMailRows({
  mapping: 'mail',
  cefVersion: 0,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 65_536,
})
const minuteMs = 60_000
/** What was closed is remembered for longer than a schedule takes. */
const settings = { quietMinutes: 10, openMinutes: 1440, maxMegabytes: 100 }

/** A record as the receiver has it. */
interface Sent {
  readonly rows: readonly string[]
  readonly continues: boolean
}

interface WorldOptions {
  /** Of open mails. */
  readonly maxBytes?: number
  /** Of all files the oldest row is read first, as the sources nearly have it unless one is slow. */
  readonly isInOrder?: boolean
  /** So long a mail is open, and remembered: a shorter time than a schedule takes, so that only loss is looked for. */
  readonly openMinutes?: number
}

/** Runs the schedule, and then to the end without trouble; what went wrong, once per kind. */
export async function simulate(
  schedule: readonly Action[],
  options: WorldOptions = {},
): Promise<ReadonlySet<string>> {
  const world = new World(options)
  for (const action of schedule) await world.step(action)
  await world.finish()
  return world.violations
}

class World {
  readonly violations = new Set<string>()
  readonly contents = new Map<string, Buffer>(files.map((id) => [id, Buffer.alloc(headerBytes)]))
  readonly #rows = new Map<string, string[]>()
  readonly #letters = new Set<string>()
  readonly sent = new Map<string, Sent[]>()
  readonly lettered = new Set<string>()
  stored: Positions = new Map()
  readonly maxBytes: number | undefined
  readonly isInOrder: boolean
  readonly openMinutes: number
  #made = 0
  #life: Life

  constructor({ maxBytes, isInOrder = false, openMinutes = settings.openMinutes }: WorldOptions) {
    this.openMinutes = openMinutes
    this.maxBytes = maxBytes
    this.isInOrder = isInOrder
    this.#life = new Life(this)
  }

  async step({ kind, a, b }: Action): Promise<void> {
    if (kind === 'append') this.#append(a, b)
    else if (kind === 'minutes') await this.#wait((1 + (a % 4)) * 2 * minuteMs)
    else if (kind === 'read') this.#life.permit(a, b)
    else if (kind === 'settle') await this.#life.settle(a)
    else if (kind === 'break') await this.#life.rewind(a)
    else {
      await this.#life.end(kind === 'stop', a)
      this.#life = new Life(this)
    }
    for (let turn = 0; turn < 4; turn++) await nextTurn()
  }

  /** Reading takes far less time than mails need to be quiet. */
  async #wait(ms: number): Promise<void> {
    for (let at = 0; this.#life.hasUnread; at++) await this.step({ kind: 'read', a: at, b: 5 })
    await pass(ms)
  }

  async finish(): Promise<void> {
    for (let round = 0; round < 5; round++) {
      await this.step({ kind: 'settle', a: -1, b: 0 })
      await this.step({ kind: 'minutes', a: 3, b: 0 })
    }
    await this.#wait(3 * settings.openMinutes * minuteMs)
    await this.step({ kind: 'settle', a: -1, b: 0 })
    await this.#life.end(true, 0)
    for (const [id, rows] of this.#rows) this.#check(id, rows)
    for (const line of this.#letters) if (!this.lettered.has(line)) this.violations.add('letter lost')
    const unread = [...this.contents].filter(
      ([id, { length }]) => (this.stored.get(id)?.offset ?? 0) < length,
    )
    // Long after the last row nothing is waited for.
    if (unread.some(([, { length }]) => length > headerBytes)) this.violations.add('positions stay behind')
  }

  #check(id: string, rows: readonly string[]): void {
    const records = this.sent.get(id) ?? []
    const all = new Set(records.flatMap((record) => record.rows))
    if (rows.some((row) => !all.has(row))) this.violations.add('row lost')
    if (this.openMinutes < settings.openMinutes) return
    const begin = records.findLastIndex(({ continues }) => !continues)
    const last = new Set(records.slice(Math.max(0, begin)).flatMap((record) => record.rows))
    if (begin < 0 || rows.some((row) => !last.has(row))) this.violations.add('last record not complete')
    if (records.some((record) => new Set(record.rows).size !== record.rows.length)) {
      this.violations.add('row twice in a record')
    }
  }

  #append(a: number, b: number): void {
    const file = files[a % files.length] as string
    const id = `m${b % 7 === 0 ? this.#made : Math.floor(this.#made / 12) - (b % 3)}`
    const row = `r${this.#made++}@x.example`
    vi.setSystemTime(Date.now() + 1)
    const time = new Date(Date.now() - (this.isInOrder ? 0 : b % 5) * 1000).toISOString()
    const isLetter = b % 23 === 0
    const line = isLetter ? `broken ${time} ${row}\r\n` : `${time},RECEIVE,SMTP,EX01,${id},${row}\r\n`
    if (isLetter) this.#letters.add(line.trim())
    else this.#rows.set(id, [...(this.#rows.get(id) ?? []), row])
    this.contents.set(file, Buffer.concat([this.contents.get(file) as Buffer, Buffer.from(line)]))
  }
}

/** Time passes; timers see only the last second of it. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  for (let second = 0; second < 2; second++) {
    await vi.advanceTimersByTimeAsync(1000)
    await nextTurn()
  }
}

function oldest(ids: readonly string[], timeOf: (id: string) => string): string | undefined {
  return ids.toSorted((one, other) => (timeOf(one) < timeOf(other) ? -1 : 1))[0]
}

/** One life of the process. */
class Life implements Source {
  readonly #world: World
  readonly #mails: MailSource
  /** What was sent and is not known to have arrived; it is lost unless it does. */
  readonly #inFlight: Chunk[] = []
  #reading = new AbortController()
  #settled = firstOffset
  #isDead = false
  #allow: ((choice: { a: number; b: number }) => void) | undefined
  #loop: Promise<void>
  readonly #offsets = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
    this.#mails = new MailSource({
      rows: this,
      rowsIn,
      checkpoint: {
        load: async () => world.stored,
        save: async (positions) => {
          if (!this.#isDead) world.stored = structuredClone(positions)
        },
      },
      settings: { ...settings, openMinutes: world.openMinutes, maxMegabytes: (world.maxBytes ?? 1e8) / 1e6 },
      sources: ['EX01', 'EX02'],
      // Each file is a series of its own, so that they are read in any order.
      behind: (source) =>
        files.filter((id) => {
          const length = world.contents.get(id)?.length ?? 0
          return id.startsWith(source) && (this.#offsets.get(id) ?? headerBytes) < length
        }),
      counter: { held: () => {}, leftOut: () => {} },
      gone: () => [],
    })
    this.#loop = this.#mails.load().then(() => this.#deliver())
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    for (const id of files) this.#offsets.set(id, Math.max(headerBytes, from.get(id)?.offset ?? 0))
    let end = (): void => {}
    signal.addEventListener('abort', () => end())
    while (!signal.aborted) {
      const choice = await new Promise<{ a: number; b: number } | null>((resolve) => {
        this.#allow = resolve
        end = () => resolve(null)
      })
      if (choice === null) return
      const unread = files.filter((id) => this.#offset(id) < (this.#world.contents.get(id)?.length ?? 0))
      const id = this.#world.isInOrder
        ? oldest(unread, (of) => this.#nextTime(of))
        : unread[choice.a % unread.length]
      if (id === undefined) continue
      const contents = this.#world.contents.get(id) as Buffer
      const start = this.#offset(id)
      let to = start
      const most = this.#world.isInOrder ? 0 : choice.b % 6
      for (let lines = 0; lines <= most && to < contents.length; lines++) {
        to = contents.indexOf(0x0a, to) + 1
      }
      this.#offsets.set(id, to)
      const file = { id, source: id.slice(0, 4), path: id, series: id }
      yield { file, layout, header: 0, start, end: to, bytes: contents.subarray(start, to), malformed: [] }
    }
  }

  #nextTime(id: string): string {
    const contents = this.#world.contents.get(id) as Buffer
    return contents.toString('latin1', this.#offset(id)).replace('broken ', '').slice(0, 24)
  }

  get hasUnread(): boolean {
    return files.some((id) => this.#offset(id) < (this.#world.contents.get(id)?.length ?? 0))
  }

  permit(a: number, b: number): void {
    this.#allow?.({ a, b })
  }

  /** The first ones that are on their way arrived, and are known to. */
  async settle(a: number): Promise<void> {
    const { length } = this.#inFlight
    const arrived = this.#inFlight.splice(0, a < 0 ? length : 1 + (a % (length + 1)))
    const last = arrived.at(-1)
    if (last === undefined) return
    for (const chunk of arrived) this.#arrive(chunk)
    this.#settled = last.end
    await this.#mails.save(this.#positions())
  }

  /** The receiver is unavailable: all that is on its way is sent again. */
  async rewind(a: number): Promise<void> {
    this.#reading.abort()
    await this.#loop
    this.#lose(a)
    this.#reading = new AbortController()
    this.#loop = this.#deliver()
  }

  async end(savesLast: boolean, a: number): Promise<void> {
    this.#lose(a)
    if (savesLast) await this.#mails.save(this.#positions())
    this.#isDead = true
    this.#reading.abort()
    await this.#loop
  }

  #offset(id: string): number {
    return this.#offsets.get(id) ?? headerBytes
  }

  #positions(): Positions {
    return new Map([[mailsId, { fileId: mailsId, offset: this.#settled, header: -1 }]])
  }

  async #deliver(): Promise<void> {
    for await (const chunk of this.#mails.read(this.#positions(), this.#reading.signal)) {
      if (this.#isDead) return
      this.#inFlight.push(chunk)
    }
  }

  /** The first ones arrive, which nobody learns. */
  #lose(a: number): void {
    const all = this.#inFlight.splice(0)
    for (const chunk of all.slice(0, a % (all.length + 1))) this.#arrive(chunk)
  }

  #arrive({ malformed, bytes }: Chunk): void {
    for (const { line } of malformed) this.#world.lettered.add(Buffer.from(line).toString())
    for (const line of bytes.toString().split('\r\n').slice(0, -1)) this.#receive(line)
  }

  #receive(line: string): void {
    const values = line.split(',')
    const value = (name: (typeof mailColumns)[number]) => values[mailColumns.indexOf(name)] ?? ''
    const id = value('network-message-id')
    const record = {
      rows: splitList(value('recipient-address')),
      continues: value('continues') === 'true',
    }
    this.#world.sent.set(id, [...(this.#world.sent.get(id) ?? []), record])
  }
}
