/** The logs of the soak: who writes them, which of them are deleted, and what must come of them. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../../src/simulate/random.ts'
import { rowsIn, type StartOptions, type Workplace } from '../support/program.ts'
import type { ExpectedFile } from './soak-oracle.ts'
import type { Shipper } from './soak-shipper.ts'
import { positionsIn } from './soak-state.ts'
import { type WriterOptions, type Written, writeNumbered } from './soak-writer.ts'

const servers = ['EX01', 'EX02'] as const
/** Where deleted logs are kept for the oracle, beside the folders that the program knows. */
const gone = 'gone'
/** A loss is told after the time that confirms a deletion. */
const tellMs = 20_000
const soonMs = 6000
/** A log that came and went between two looks at its folder nobody can know of; on a busy machine they are seconds apart. */
const seenMs = 5000

export class SoakLogs {
  readonly #place: Workplace
  readonly #random: Random
  readonly #shipper: () => Shipper
  readonly #written = new Map<string, Written>(servers.map((name) => [name, { finished: [], malformed: [] }]))
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(place: Workplace, random: Random, shipper: () => Shipper) {
    this.#place = place
    this.#random = random
    this.#shipper = shipper
  }

  static async open(place: Workplace, random: Random, shipper: () => Shipper): Promise<SoakLogs> {
    for (const server of servers) {
      await mkdir(place.path(server))
      await mkdir(place.path(gone, server), { recursive: true })
    }
    return new SoakLogs(place, random, shipper)
  }

  readonly sources = servers.map((name) => ({ name, folder: name }))

  /** Begins to write; ends with the signal. */
  write(options: Pick<WriterOptions, 'seed' | 'rowsPerSecond' | 'signal' | 'isTimely'>): void {
    const rowsPerSecond = options.rowsPerSecond / servers.length
    const each = servers.map((server) => {
      const written = this.#written.get(server) as Written
      return writeNumbered({ ...options, server, rowsPerSecond, folder: this.#place.path(server) }, written)
    })
    this.#writing = Promise.all(each)
  }

  /** Resolves when all is written, after the signal. */
  written(): Promise<unknown> {
    return this.#writing
  }

  /** How the program is started so that `failing` has an effect. */
  get startOptions(): StartOptions {
    const preload = new URL('failing-reads.mjs', import.meta.url).href
    const settings = { while: this.#failingMark, under: this.#place.path('EX0'), seed: this.#random.uint32() }
    const env = { MSGTRK_FAILING_READS: JSON.stringify(settings) }
    return { nodeArgs: ['--import', preload], env }
  }

  /** Whether many calls that read the logs fail from here on: see `failing-reads.mjs`. */
  async failing(yes: boolean): Promise<void> {
    if (yes) await writeFile(this.#failingMark, '')
    else await rm(this.#failingMark, { force: true })
  }

  /**
   * To be called when the receiver stands still: the program reads nothing then, and has to know all the same what it
   * loses with the log, or that there may have been more than it knows.
   */
  async deleteOne(meanwhile: () => Promise<void>): Promise<void> {
    const path = await this.#finished()
    if (path === undefined) return meanwhile()
    const { birthtimeMs } = await stat(path)
    await delay(Math.max(0, birthtimeMs + seenMs - Date.now()))
    await rename(path, this.#goneTo(path))
    await meanwhile()
    const { size } = await stat(this.#goneTo(path))
    const isKnown = () =>
      this.#shipper().toldLost(path) !== undefined || positionsIn(this.#place).get(path) === size
    const endsAt = performance.now() + tellMs
    while (performance.now() < endsAt && !isKnown()) await delay(50)
  }

  /** A log that gets no more from now on, if one is finished soon, or an older one. */
  async #finished(): Promise<string | undefined> {
    const { finished } = this.#written.get(this.#random.pick(servers)) as Written
    const before = finished.length
    const endsAt = performance.now() + soonMs
    while (performance.now() < endsAt && finished.length === before) await delay(20)
    return finished.pop()
  }

  /** Paths and sizes of all logs that are there. */
  async sizes(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>()
    for (const server of servers) {
      for (const name of await readdir(this.#place.path(server))) {
        const path = this.#place.path(server, name)
        sizes.set(path, (await stat(path)).size)
      }
    }
    return sizes
  }

  /** The files as they must come, deleted ones among them. */
  async expected(): Promise<readonly ExpectedFile[]> {
    const files: ExpectedFile[] = []
    for (const server of servers) {
      for (const frames of (await this.#place.expectedFrames(server)).values()) {
        files.push({ frames, mayLose: 0 })
      }
      for (const [file, frames] of await this.#place.expectedFrames(join(gone, server))) {
        const path = this.#place.path(server, basename(file))
        const bytes = await readFile(this.#place.path(file))
        const kept = this.#shipper().toldLost(path) ?? bytes.length
        files.push({ frames, mayLose: rowsIn(bytes.subarray(kept)) })
      }
    }
    return files
  }

  /** Lines that are no record and stand in no dead letter. A deleted log takes its own with it. */
  async missingLetters(): Promise<readonly string[]> {
    const folder = this.#place.path('state', 'siem')
    const names = (await readdir(folder)).filter((name) => name.startsWith('dead-letters'))
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    const letters = new Set(
      texts.flatMap((text) =>
        text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line).line),
      ),
    )
    const deleted: string[] = []
    for (const server of servers) {
      for (const name of await readdir(this.#place.path(gone, server))) {
        deleted.push(...(await readFile(this.#place.path(gone, server, name), 'utf8')).split('\r\n'))
      }
    }
    const excused = new Set(deleted)
    const lines = [...this.#written.values()].flatMap(({ malformed }) => malformed)
    return lines.filter((line) => !letters.has(line) && !excused.has(line))
  }

  /** Where a deleted log is from then on. */
  #goneTo(path: string): string {
    return this.#place.path(gone, basename(dirname(path)), basename(path))
  }

  get #failingMark(): string {
    return this.#place.path('reads-fail')
  }
}
