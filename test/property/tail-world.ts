/**
 * A folder of logs, what happens to it, and an account of every row in it. After each moment of rest a row is
 * committed, or still there and committed, or it went with its file and is reported as lost.
 */
import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Chunk, Position } from '../../src/flow/chunk.ts'
import type { Loss } from '../../src/flow/events.ts'
import type { Log } from '../../src/flow/log.ts'
import { createPace } from '../../src/tail/folder/pace.ts'
import { createSource, type FolderSource } from '../../src/tail/source.ts'
import { endFileFailures, failFileCall, fileCalls } from '../support/failing-files.ts'

/** What may happen. `file` counts through the files that are there, `part` is a share of it from 0 to 1. */
export type Action =
  | { readonly do: 'create'; readonly prefix: string; readonly rows: number; readonly hasHeader: boolean }
  | { readonly do: 'append'; readonly file: number; readonly rows: number }
  | { readonly do: 'append half' | 'delete' | 'replace'; readonly file: number }
  | { readonly do: 'shorten'; readonly file: number; readonly part: number }
  | { readonly do: 'take'; readonly chunks: number }
  | { readonly do: 'commit'; readonly part: number }
  /** One of the next opens, reads, stats and listings fails. */
  | { readonly do: 'fail'; readonly after: number; readonly code: string }
  | { readonly do: 'look' | 'rewind' | 'restart' | 'settle' | 'folder away' | 'folder back' }

/** One content of one name; a replaced file is another one. */
interface LogContent {
  readonly name: string
  readonly id: string
  text: string
  /** All it ever was: a chunk may have been read before it was shortened. */
  readonly versions: string[]
  isThere: boolean
  /** True once bytes at the same offset may have been different rows. */
  isShortened: boolean
  /** End of the whole lines when all of it was read last, by the present source. */
  knownEnd: number
}

/** A row that went with its file. */
interface DoomedRow {
  readonly id: string
  readonly offset: number
  readonly text: string
}

interface Taken {
  readonly id: string
  readonly position: Position
  readonly rows: readonly string[]
}

/** A reading that is under way. */
interface Reading {
  readonly stop: AbortController
  readonly chunks: AsyncIterator<Chunk>
  /** Asked for and not there yet. */
  pending: Promise<IteratorResult<Chunk>> | null
  /** Where the next chunk of each file has to begin. */
  readonly next: Map<string, number>
  readonly uncommitted: Taken[]
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const columns = '#Fields: date-time,client-ip,source\r\n'
/** Reached only when what is waited for never comes. */
const limitMs = 20_000

export class TailWorld {
  readonly #root: string
  readonly #follow: boolean
  #source: FolderSource
  #isAway = false
  #counter = 0
  #contents: LogContent[] = []
  readonly #committed = new Map<string, Position>()
  readonly #committedRows = new Set<string>()
  #doomed: DoomedRow[] = []
  readonly #losses: Loss[] = []
  #onLoss = (): void => {}
  #reading: Reading | null = null

  private constructor(root: string, follow: boolean) {
    this.#root = root
    this.#follow = follow
    this.#source = this.#createSource()
  }

  /** Lets all of it happen, one after the other, with a rest at the end; throws when the account is wrong. */
  static async run(actions: readonly Action[], follow: boolean): Promise<readonly Loss[]> {
    const root = await mkdtemp(join(tmpdir(), 'msgtrk-world-'))
    const world = new TailWorld(root, follow)
    try {
      await mkdir(world.#folder)
      for (const action of actions) await world.#act(action)
      await world.#act({ do: 'folder back' })
      await world.#settle()
      return world.#losses
    } finally {
      endFileFailures()
      await world.#endReading()
      await rm(root, { recursive: true })
    }
  }

  get #folder(): string {
    return join(this.#root, this.#isAway ? 'away' : 'logs')
  }

  async #act(action: Action): Promise<void> {
    switch (action.do) {
      case 'create':
        return this.#create(
          `MSGTRK${action.prefix}2026112014-${++this.#counter}.LOG`,
          action.rows,
          action.hasHeader,
        )
      case 'append':
        return this.#append(action.file, this.#rows(action.rows))
      case 'append half':
        return this.#append(action.file, `2026-11-20T14:00:00.000Z,half${++this.#counter}`)
      case 'delete':
        return this.#delete(action.file)
      case 'replace':
        return this.#replace(action.file)
      case 'shorten':
        return this.#shorten(action.file, action.part)
      case 'take':
        for (let i = 0; i < action.chunks; i++) if (!(await this.#take())) break
        return
      case 'commit':
        return this.#commit(action.part)
      case 'fail':
        return failFileCall(action.after, action.code)
      case 'rewind':
        return this.#endReading()
      case 'restart':
        await this.#endReading()
        this.#source = this.#createSource()
        // What only the source before knew is known to nobody now.
        for (const content of this.#contents) content.knownEnd = 0
        this.#doomed = []
        return
      case 'look':
        return this.#isAway ? undefined : this.#lookAtAll()
      case 'settle':
        return this.#isAway ? undefined : this.#settle()
      case 'folder away':
      case 'folder back':
        return this.#moveFolder(action.do === 'folder away')
    }
  }

  // ── the server ──────────────────────────────────────────────────────────────────────────────────────

  #rows(count: number): string {
    const row = (): string =>
      `2026-11-20T14:00:00.000Z,10.0.0.1,${'x'.repeat(this.#counter % 23)}${++this.#counter}\r\n`
    return Array.from({ length: count }, row).join('')
  }

  async #create(name: string, rows: number, hasHeader: boolean): Promise<void> {
    const stamp = `2026-11-20T15:00:00.${++this.#counter}Z`
    // The first row is what tells a file without a header from others.
    const start = hasHeader ? `#Date: ${stamp}\r\n${columns}` : `${stamp},10.0.0.1,first\r\n`
    const text = start + this.#rows(rows)
    await writeFile(join(this.#folder, name), text)
    const id = `EX01/${name}#${stamp}`
    const known = { isThere: true, isShortened: false, knownEnd: 0 }
    this.#contents.push({ name, id, text, versions: [text], ...known })
  }

  #pick(file: number): LogContent | undefined {
    const there = this.#contents.filter(({ isThere }) => isThere)
    return there[file % there.length]
  }

  async #append(file: number, text: string): Promise<void> {
    const content = this.#pick(file)
    if (content === undefined) return
    content.text += text
    content.versions[content.versions.length - 1] = content.text
    await appendFile(join(this.#folder, content.name), text)
  }

  async #delete(file: number): Promise<void> {
    const content = this.#pick(file)
    if (content === undefined) return
    this.#doom(content, 0)
    content.isThere = false
    await rm(join(this.#folder, content.name))
  }

  async #replace(file: number): Promise<void> {
    const content = this.#pick(file)
    if (content === undefined) return
    this.#doom(content, 0)
    content.isThere = false
    await this.#create(content.name, 2, true)
  }

  async #shorten(file: number, part: number): Promise<void> {
    const content = this.#pick(file)
    // When this goes unnoticed before more is appended, nothing can tell; following gives no such moment.
    if (content === undefined || this.#isAway || this.#follow) return
    const first = content.text.startsWith('#')
      ? content.text.indexOf(columns) + columns.length
      : content.text.indexOf('\n') + 1
    const length = Math.max(first, Math.floor(content.text.length * part))
    await this.#endReading()
    this.#doom(content, length)
    content.text = content.text.slice(0, length)
    content.versions.push(content.text)
    content.isShortened = true
    await truncate(join(this.#folder, content.name), length)
    await this.#settle()
  }

  #doom(content: LogContent, from: number): void {
    for (const { offset, text, end } of rowsOf(content.text)) {
      if (end > from && end <= content.knownEnd) this.#doomed.push({ id: content.id, offset, text })
    }
  }

  async #moveFolder(isAway: boolean): Promise<void> {
    if (isAway === this.#isAway) return
    const before = this.#folder
    this.#isAway = isAway
    await rename(before, this.#folder)
  }

  // ── the pipeline ────────────────────────────────────────────────────────────────────────────────────

  #createSource(): FolderSource {
    const folder = join(this.#root, 'logs')
    const sources = [{ name: 'EX01', folder, pattern: 'MSGTRK*.LOG', startAt: 'beginning' }]
    const onLoss = (loss: Loss) => this.#checkLoss(loss)
    const options = { sources, follow: this.#follow, log: silent, chunkBytes: 80, events: { lost: onLoss } }
    return createSource(options, createPace(0.0001))
  }

  #startReading(): Reading {
    const stop = new AbortController()
    const chunks = this.#source.read(this.#committed, stop.signal)[Symbol.asyncIterator]()
    const next = new Map([...this.#committed].map(([id, { offset }]) => [id, offset]))
    return { stop, chunks, pending: null, next, uncommitted: [] }
  }

  async #endReading(): Promise<void> {
    const reading = this.#reading
    this.#reading = null
    reading?.stop.abort()
    await reading?.pending
    await reading?.chunks.return?.()
  }

  /** One chunk more; false when there is none, or none yet. */
  async #take(): Promise<boolean> {
    this.#reading ??= this.#startReading()
    const reading = this.#reading
    reading.pending ??= reading.chunks.next()
    // Following, nothing may come any more: a few turns are given it, as if the destination had been slow.
    const patience = new Promise<null>((resolve) => setTimeout(resolve, 5, null))
    const result = await (this.#follow ? Promise.race([reading.pending, patience]) : reading.pending)
    return result !== null && this.#receive(reading, result)
  }

  #receive(reading: Reading, result: IteratorResult<Chunk>): boolean {
    reading.pending = null
    if (result.done) return false
    const { file, start, end, header, layout, bytes } = result.value
    const content = this.#contents.find(({ id }) => id === file.id)
    expect(content, `a file of this identity was written: ${file.id}`).toBeDefined()
    if (content === undefined) return true
    const text = bytes.toString('latin1')
    expect(
      content.versions.some((each) => each.slice(start, end) === text),
      'bytes are as written',
    ).toBe(true)
    const hasHeader = content.text.startsWith('#')
    if (text !== '') expect({ header, hasLayout: layout !== null }).toEqual(headerOf(hasHeader))
    const next = reading.next.get(file.id) ?? 0
    if (start < next)
      expect(content.isShortened, `goes back in ${file.id} from ${next} to ${start}`).toBe(true)
    else expect(wholeRows(content.versions.at(-1)?.slice(next, start) ?? ''), 'skips rows').toEqual([])
    reading.next.set(file.id, end)
    const position = { fileId: file.id, offset: end, header }
    reading.uncommitted.push({ id: file.id, position, rows: wholeRows(text) })
    return true
  }

  #commit(part: number): void {
    const uncommitted = this.#reading?.uncommitted ?? []
    for (const { id, position, rows } of uncommitted.splice(0, Math.ceil(uncommitted.length * part))) {
      this.#committed.set(id, position)
      for (const row of rows) this.#committedRows.add(row)
    }
  }

  // ── the account ─────────────────────────────────────────────────────────────────────────────────────

  /** Reads all there is from the committed positions on, and commits nothing. */
  async #lookAtAll(): Promise<void> {
    await this.#untilNothingFails(async () => {
      await this.#endReading()
      if (this.#follow) await this.#takeUntil(() => this.#unread())
      else while (await this.#take());
    })
    this.#knowEnds()
  }

  /** Reads and commits until all is as it should be. */
  async #settle(): Promise<void> {
    if (this.#follow) {
      await this.#takeUntil(() => {
        this.#commit(1)
        return this.#unsettled()
      })
    } else {
      // A reading under way may have passed what changed since.
      for (let i = 0; i < 2; i++) {
        await this.#untilNothingFails(async () => {
          while (await this.#take());
          this.#commit(1)
          await this.#endReading()
        })
      }
      expect(this.#unsettled()).toEqual([])
    }
    this.#knowEnds()
    this.#doomed = []
  }

  /** Who reads once leaves what can't be read to the next reading. */
  async #untilNothingFails(read: () => Promise<void>): Promise<void> {
    for (let before = -1; before < fileCalls().failures; ) {
      before = fileCalls().failures
      await read()
    }
  }

  #knowEnds(): void {
    for (const content of this.#contents) {
      if (content.isThere) content.knownEnd = content.text.lastIndexOf('\n') + 1
    }
  }

  /** Following, there is no end: reads until nothing is awaited any more. */
  async #takeUntil(awaited: () => readonly unknown[]): Promise<void> {
    const deadline = performance.now() + limitMs
    while (awaited().length > 0) {
      expect(performance.now(), JSON.stringify(awaited())).toBeLessThan(deadline)
      this.#reading ??= this.#startReading()
      const reading = this.#reading
      reading.pending ??= reading.chunks.next()
      let timer: NodeJS.Timeout | undefined
      const news = new Promise<null>((resolve) => {
        this.#onLoss = () => resolve(null)
        timer = setTimeout(resolve, limitMs, null)
      })
      const result = await Promise.race([reading.pending, news])
      clearTimeout(timer)
      if (result !== null) this.#receive(reading, result)
    }
  }

  /** Rows that are there, and neither committed nor taken. */
  #unread(): readonly string[] {
    const taken = new Set((this.#reading?.uncommitted ?? []).flatMap(({ rows }) => rows))
    return this.#rowsThere().filter((row) => !taken.has(row) && !this.#committedRows.has(row))
  }

  #rowsThere(): readonly string[] {
    return this.#contents.flatMap(({ isThere, text }) => (isThere ? wholeRows(text) : []))
  }

  /** Rows that are there and not committed, and rows that went and are neither committed nor reported. */
  #unsettled(): readonly (string | DoomedRow)[] {
    const there = this.#contents.filter(({ isThere }) => isThere)
    const missing = there
      .flatMap(({ text }) => wholeRows(text))
      .filter((row) => !this.#committedRows.has(row))
    const unsaid = this.#doomed.filter(
      ({ id, offset: at, text }) =>
        !this.#committedRows.has(text) &&
        !this.#losses.some(
          ({ fileId, bytes, offset }) =>
            fileId === id && (bytes === null || (at + text.length > offset && at < offset + bytes)),
        ),
    )
    return [...missing, ...unsaid]
  }

  #checkLoss(loss: Loss): void {
    const { fileId, path, bytes, offset, cause } = loss
    const content = this.#contents.find(({ id }) => id === fileId)
    if (fileId !== null) {
      expect(content, 'what is lost was written').toBeDefined()
      expect(offset, 'what is settled is not lost').toBeGreaterThanOrEqual(
        content?.isShortened ? 0 : (this.#committed.get(fileId)?.offset ?? 0),
      )
    }
    if (cause === 'shortened') expect(content?.isShortened).toBe(true)
    else if (fileId !== null) expect(content?.isThere, 'what is lost is gone').toBe(false)
    else expect(this.#contents.some((each) => !each.isThere && path.endsWith(each.name))).toBe(true)
    if (bytes !== null && content !== undefined) {
      // What a folder last said of a size may have been about the next file of the name.
      const sameName = this.#contents.filter(({ name }) => name === content.name)
      const longest = Math.max(...sameName.flatMap(({ versions }) => versions.map((text) => text.length)))
      expect(bytes).toBeGreaterThan(0)
      expect(offset + bytes, 'no more is lost than was there').toBeLessThanOrEqual(longest)
      const before = this.#losses.filter((each) => each.fileId === fileId && each.bytes !== null)
      const isRepeated = before.some(
        (each) => offset < each.offset + (each.bytes ?? 0) && each.offset < offset + bytes,
      )
      expect(isRepeated && !content.isShortened, 'no byte is lost twice').toBe(false)
    }
    this.#losses.push(loss)
    this.#onLoss()
  }
}

function headerOf(hasHeader: boolean): { readonly header: number; readonly hasLayout: boolean } {
  return { header: hasHeader ? 0 : -1, hasLayout: hasHeader }
}

/** The whole rows of a text, each with its offset and where it ends. */
function rowsOf(
  text: string,
): readonly { readonly text: string; readonly offset: number; readonly end: number }[] {
  let end = 0
  return text.split(/(?<=\n)/).flatMap((line) => {
    const offset = end
    end += line.length
    return line.endsWith('\n') && !line.startsWith('#') ? [{ text: line, offset, end }] : []
  })
}

function wholeRows(text: string): readonly string[] {
  return rowsOf(text).map((row) => row.text)
}
