/** Many logs that grow without a pause are looked at with each beat, and nobody is to tell of their changes meanwhile. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createPace } from '../../../src/tail/folder/pace.ts'
import { date, following, header, row, sourceOf, temporaryFolder, texts } from './logs.ts'

/** Paths that are watched, and what is called when they change. */
const watched = vi.hoisted(() => new Map<string, () => void>())
vi.mock('../../../src/tail/folder/hints.ts', () => ({
  Hints: class {
    readonly #onHint: (path: string) => void
    #paths: ReadonlySet<string> = new Set()

    constructor(onHint: (path: string) => void) {
      this.#onHint = onHint
    }

    async watch(paths: ReadonlySet<string>): Promise<void> {
      for (const path of this.#paths) watched.delete(path)
      for (const path of paths) watched.set(path, () => this.#onHint(path))
      this.#paths = paths
    }

    close(): void {
      void this.watch(new Set())
    }
  },
}))

/** A source of so many logs, each of which is appended to every few milliseconds until `signal` aborts. */
async function growing(count: number, signal: AbortSignal) {
  const folder = await temporaryFolder()
  const logs: string[] = []
  for (let index = 0; index < count; index++) {
    await mkdir(join(folder, `EX${index}`))
    logs.push(join(folder, `EX${index}`, 'MSGTRK2026112014-1.LOG'))
    await writeFile(logs[index] as string, header(date))
  }
  // Looks by the timer come a hundred times as often as usual, and pauses are as long as a test may be held up.
  const pace = { ...createPace(0.01), beatMs: 200, busyBeatMs: 20, steadyMs: 100 }
  const sources = logs.map((log, index) => ({ ...sourceOf(join(log, '..')), name: `EX${index}` }))
  const { start } = following(sources, { pace })
  const { take } = start()
  const grow = async () => {
    let number = 0
    for (; !signal.aborted; number++) {
      for (const log of logs) await appendFile(log, row(1, `${number}`))
      for (const log of logs) watched.get(log)?.()
    }
    return number * count
  }
  return { grown: grow(), take }
}

it('while they grow, and only then', { timeout: 60_000 }, async () => {
  const stop = new AbortController()
  const { grown, take } = await growing(12, stop.signal)
  let read = 0
  while (watched.size < 12) read += texts(await take(1)).length
  while (watched.size > 0) read += texts(await take(1)).length
  stop.abort()
  const all = await grown
  read += texts(await take(all - read)).length
  expect(read).toBe(all)
  const more = take(1)
  await expect.poll(() => watched.size, { timeout: 30_000 }).toBe(12)
  void more
})

it('but a few are watched all the time', async () => {
  const stop = new AbortController()
  const { grown, take } = await growing(2, stop.signal)
  let read = 0
  while (watched.size < 2) read += texts(await take(1)).length
  read += texts(await take(500)).length
  expect(watched.size).toBe(2)
  stop.abort()
  await take((await grown) - read)
})
