/** Logs on a share: whatever becomes of the server, the share or the account, every row is delivered once. */
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { allThereInOrder, type Collector, distinct, judge } from '../support/collector.ts'
import { type Program, Workplace } from '../support/program.ts'
import { describePeer } from './peer.ts'
import { pythonProgram, sambaPrograms } from './programs.ts'
import { lockRange, openShare, type SambaShare } from './samba.ts'

const programs = [...Object.values(sambaPrograms), pythonProgram, '/dev/fuse']
const folderAway = 'The folder of a source cannot be read'
const folderBack = 'The folder of a source is readable again'
const fileAway = 'A log file cannot be read'
const fileBack = 'A log file is readable again'
/** The rows of a backlog: ten times what kernels hold of it. */
const events = 60_000
/** So many rows have to come between two troubles. */
const someRows = 50

interface Trouble {
  readonly what: string
  /** What the program says then, and when it is over. */
  readonly said: readonly [string, string]
  /** Returns what ends it. */
  begin(scene: Scene): Promise<() => Promise<void>>
}

const folderSaid = [folderAway, folderBack] as const
const troubles: readonly Trouble[] = [
  {
    what: 'the server is killed',
    said: folderSaid,
    begin: ({ share }) => share.kill().then(() => share.start),
  },
  {
    what: 'the share is gone',
    said: folderSaid,
    begin: ({ share }) => share.offer(false).then(() => () => share.offer(true)),
  },
  {
    what: 'the account is disabled',
    said: folderSaid,
    begin: ({ share }) => share.allow(false).then(() => () => share.allow(true)),
  },
  {
    // Its rows are read, and then it can't be told whose they are.
    what: 'the head of a log that grows is refused',
    said: [fileAway, fileBack],
    begin: async (scene) => lockRange((await scene.largestFile()).file, 0, 100),
  },
]

describePeer(
  'a share of samba',
  programs,
  () => {
    test('is read on after the server, the share, the account and a log were gone, each told once', async () => {
      const scene = await Scene.open()
      const stop = new AbortController()
      const writing = scene.write({ rate: 100, events: 100_000, signal: stop.signal })
      const program = scene.follow()
      for (const { what, said, begin } of troubles) {
        await scene.gotMore()
        const [away, back] = said
        const [timesAway, timesBack] = [count(program, away), count(program, back)]
        const end = await begin(scene)
        await program.until(what, () => count(program, away) > timesAway)
        await end()
        await program.until(`${what} no more`, () => count(program, back) > timesBack)
      }
      await scene.gotMore()
      stop.abort()
      await writing
      await scene.expectAllOnce(program)
      for (const message of new Set(troubles.flatMap(({ said }) => said))) {
        const times = troubles.filter(({ said }) => said.includes(message)).length
        expect(count(program, message), message).toBe(times)
      }
      expect(scene.collector.incorrect).toEqual([])
    })

    test('that refuses the middle of a chunk, and whose server dies in a backlog, has all of it read', async () => {
      const scene = await Scene.open()
      const { share, collector } = scene
      await scene.write({ events })
      const { file, size } = await scene.largestFile()
      expect(size).toBeGreaterThan(1_000_000)
      const unlock = await lockRange(file, 500_000, 100_000)
      const program = scene.follow()
      await scene.gotMore()
      // What a receiver does not take is not read yet when the server dies.
      collector.stall()
      await share.kill()
      expect(collector.frames.length).toBeLessThan(events / 2)
      collector.goOn()
      await program.logged(folderAway)
      await share.start()
      await program.logged(folderBack)
      await program.logged(fileAway)
      await unlock()
      await program.logged(fileBack)
      await scene.expectAllOnce(program)
      expect(count(program, fileAway)).toBe(count(program, fileBack))
    })
  },
  { asRoot: true },
)

/** A share, a program that follows it, and a receiver. */
class Scene {
  readonly share: SambaShare
  readonly collector: Collector
  readonly #place: Workplace

  private constructor(place: Workplace, share: SambaShare, collector: Collector) {
    this.#place = place
    this.share = share
    this.collector = collector
  }

  static async open(): Promise<Scene> {
    const place = await Workplace.open(onTestFinished)
    const share = await openShare(place.folder)
    onTestFinished(() => share.end())
    return new Scene(place, share, await place.collect())
  }

  /** Writes logs on the side of the server. */
  write({
    events,
    ...more
  }: {
    readonly events: number
    readonly rate?: number
    readonly signal?: AbortSignal
  }) {
    return this.#place.simulate(this.#served, events, more)
  }

  follow(): Program {
    return this.#place.start('run', '--from', this.share.mounted, '--to', this.collector.url)
  }

  gotMore(): Promise<void> {
    const { frames } = this.collector
    const enough = frames.length + someRows
    return this.collector.until(`${enough} frames`, () => frames.length >= enough)
  }

  async largestFile(): Promise<{ readonly file: string; readonly size: number }> {
    const names = (await readdir(this.share.served)).map((name) => path.join(this.share.served, name))
    const files = await Promise.all(names.map(async (file) => ({ file, size: (await stat(file)).size })))
    return files.reduce((largest, file) => (file.size > largest.size ? file : largest))
  }

  /** Waits for every row, and ends the program. */
  async expectAllOnce(program: Program): Promise<void> {
    const expected = await this.#expected()
    await this.collector.has(distinct(expected))
    expect(await program.stop()).toMatchObject({ code: 0 })
    expect(judge(this.collector.frames, expected)).toEqual(allThereInOrder)
    expect(program.log.at(-1)).toMatchObject({ message: 'Stopped', lost: 0, malformed: 0, inFlight: 0 })
  }

  get #served(): string {
    return path.relative(this.#place.folder, this.share.served)
  }

  #expected(): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.#place.expectedFrames(this.#served)
  }
}

/** How often the program said so. */
function count(program: Program, message: string): number {
  return program.log.filter((line) => line.message.startsWith(message)).length
}
