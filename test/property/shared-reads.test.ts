/**
 * Two that read the same folder share what they read. Whoever is ahead, and whatever becomes of the log meanwhile: each gets
 * the bytes that were written under the identity it is told, one after the other, and in the end all of the last ones.
 */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Chunk, Position } from '../../src/flow/chunk.ts'
import { createPace } from '../../src/tail/folder/pace.ts'
import { createSource } from '../../src/tail/source.ts'
import { runs } from '../support/runs.ts'
import { header, row } from '../unit/tail/logs.ts'

const name = 'MSGTRK2026112014-1.LOG'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** A log under one name, and each content it had by its id. */
class Log {
  readonly #path: string
  readonly contents = new Map<string, string>()
  id = ''
  #rows = 0

  constructor(folder: string) {
    this.#path = join(folder, name)
  }

  get text(): string {
    return this.contents.get(this.id) ?? ''
  }

  /** `inPlace`: it is written over, as by a copy; else another file takes its name. */
  async become(rows: number, inPlace: boolean): Promise<void> {
    const date = `2026-11-20T15:00:00.${++this.#rows}Z`
    this.id = `EX01/${name}#${date}`
    this.contents.set(this.id, header(date) + this.#next(rows))
    if (!inPlace) await rm(this.#path, { force: true })
    await writeFile(this.#path, this.text)
  }

  async append(rows: number): Promise<void> {
    const more = this.#next(rows)
    this.contents.set(this.id, this.text + more)
    await appendFile(this.#path, more)
  }

  #next(rows: number): string {
    return Array.from({ length: rows }, () => row(1, `${this.#rows++}`.padStart(6, 'x'))).join('')
  }
}

class Reader {
  readonly #log: Log
  readonly #source
  readonly #positions = new Map<string, Position>()
  #chunks: AsyncIterator<Chunk> | null = null
  #has: Chunk | null = null
  readonly numbers = new Set<number>()

  constructor(log: Log, folder: string) {
    this.#log = log
    const sources = [{ name: 'EX01', folder, pattern: 'MSGTRK*.LOG', startAt: 'beginning' }]
    this.#source = createSource({ sources, follow: false, log: silent, chunkBytes: 256 }, createPace(0.0001))
  }

  /** False when there is no chunk any more. */
  async take(): Promise<boolean> {
    // What it has is there until it asks for more, whatever the other one has read.
    if (this.#has !== null) this.#judge(this.#has)
    const read = () => this.#source.read(new Map(this.#positions), new AbortController().signal)
    this.#chunks ??= read()[Symbol.asyncIterator]()
    const { done, value } = await this.#chunks.next()
    this.#has = done ? null : value
    if (done) {
      this.#chunks = null
      return false
    }
    this.#judge(value)
    const { file, start, end, header: block, read: number } = value
    const before = this.#positions.get(file.id)?.offset ?? start
    expect(start, 'nothing is left out or read twice').toBe(before)
    this.#positions.set(file.id, { fileId: file.id, offset: end, header: block })
    if (number !== undefined) this.numbers.add(number)
    return true
  }

  async rewind(): Promise<void> {
    await this.#chunks?.return?.()
    this.#chunks = null
    this.#has = null
  }

  get settled(): number {
    return this.#positions.get(this.#log.id)?.offset ?? 0
  }

  #judge({ file, start, end, bytes }: Chunk): void {
    expect(bytes.toString('latin1')).toBe(this.#log.contents.get(file.id)?.slice(start, end))
  }
}

const who = fc.nat(1)
const rows = fc.integer({ min: 10, max: 120 })
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('take' as const), who, chunks: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('both take' as const), chunks: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('append' as const), rows }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), rows, inPlace: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rewind' as const), who }) },
)

it('gives each what was written', { timeout: 60_000 }, async () => {
  let shared = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 30 }), async (actions) => {
      const folder = await mkdtemp(join(tmpdir(), 'msgtrk-shared-'))
      const log = new Log(folder)
      const readers = [new Reader(log, folder), new Reader(log, folder)] as const
      const take = async (index: number, chunks: number) => {
        for (let left = chunks; left > 0; left--) if (!(await readers[index as 0 | 1].take())) break
      }
      try {
        await log.become(100, false)
        for (const each of actions) {
          if (each.do === 'take') await take(each.who, each.chunks)
          else if (each.do === 'both take') await Promise.all([take(0, each.chunks), take(1, each.chunks)])
          else if (each.do === 'append') await log.append(each.rows)
          else if (each.do === 'replace') await log.become(each.rows, each.inPlace)
          else await readers[each.who as 0 | 1].rewind()
        }
        for (const each of readers) {
          // A reading under way may have passed what changed since.
          for (let reading = 0; reading < 2; reading++) while (await each.take());
          expect(each.settled).toBe(log.text.length)
        }
        for (const number of readers[0].numbers) if (readers[1].numbers.has(number)) shared++
      } finally {
        for (const each of readers) await each.rewind()
        await rm(folder, { recursive: true })
      }
    }),
    { numRuns: runs(200) },
  )
  // Or nothing was put to the test.
  expect(shared).toBeGreaterThan(0)
})
