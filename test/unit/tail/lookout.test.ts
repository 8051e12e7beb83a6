/** Logs that are written and deleted while nobody reads their folder. */
import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import type { Loss } from '../../../src/flow/events.ts'
import type { Pace } from '../../../src/tail/folder/pace.ts'
import { createSource } from '../../../src/tail/source.ts'
import { fileCalls } from '../../support/failing-files.ts'
import { copied, date, header, memoryLog, quickPace, row, sourceOf, temporaryFolder } from './logs.ts'

vi.mock('node:fs/promises', async () => (await import('../../support/failing-files.ts')).failingFiles())

const patience = { timeout: 150_000 }
/** Whatever grew once is taken to be growing still, or nothing is. */
const lively = { livelyMs: Number.POSITIVE_INFINITY }
const quiet = { livelyMs: -1 }
const text = (name: string, rows: number) =>
  header(date) + Array.from({ length: rows }, (_, i) => row(i, `${name}${i}`)).join('')

/** A folder with one log of ten rows, and a reading of it whose consumer has taken one chunk and asks for no more. */
async function held(more: Partial<Pace> = {}, chunkBytes = 64) {
  const folder = await temporaryFolder()
  const path = (name: string) => join(folder, `MSGTRK20261120${name}.LOG`)
  await writeFile(path('14-1'), text('a', 10))
  const losses: Loss[] = []
  const log = memoryLog()
  const onLoss = (loss: Loss) => void losses.push(loss)
  const options = {
    sources: [sourceOf(folder)],
    follow: true,
    isWatched: true,
    log,
    events: { lost: onLoss },
    chunkBytes,
  }
  const source = createSource(options, { ...quickPace, ...more })
  const stop = new AbortController()
  const chunks = source.read(new Map(), stop.signal)[Symbol.asyncIterator]()
  onTestFinished(async () => {
    stop.abort()
    await chunks.return?.()
    await source.lastLook(new Map())
  })
  const next = async () => copied(((await chunks.next()) as IteratorYieldResult<Chunk>).value)
  const chunk = await next()
  return {
    path,
    losses,
    log,
    chunk,
    next,
    /** Ends the reading, as a rewind does. */
    async end(): Promise<void> {
      stop.abort()
      await chunks.return?.()
    },
    /** Resolves when the folder was looked at twice, at the sizes of its files as well. */
    async looked(): Promise<void> {
      const { calls } = fileCalls()
      await vi.waitFor(() => expect(fileCalls().calls).toBeGreaterThan(calls + 12), patience)
    },
    lost: (count: number) => vi.waitFor(() => expect(losses).toHaveLength(count), patience),
  }
}

describe.each([
  ['the consumer holds a chunk', false],
  ['it waits to read again', true],
])('while %s', (_, isBetween) => {
  async function waiting(more?: Partial<Pace>) {
    const all = await held(more)
    if (isBetween) await all.end()
    return all
  }

  it('what is deleted is lost to the byte', async () => {
    const { path, chunk, looked, lost, losses } = await waiting(quiet)
    await writeFile(path('15-1'), text('b', 20))
    await appendFile(path('14-1'), row(11, 'late'))
    await looked()
    for (const name of ['14-1', '15-1']) await rm(path(name))
    await lost(2)
    const whole = text('a', 10).length + row(11, 'late').length
    expect(losses).toMatchObject([
      { path: path('14-1'), cause: 'deleted', offset: chunk.end, bytes: whole - chunk.end },
      { path: path('15-1'), cause: 'deleted', offset: 0, bytes: text('b', 20).length },
    ])
  })
})

describe('a log that was read to its end and went', () => {
  /** All that is there is read, the last row of it when it was appended. */
  async function read(more: Partial<Pace>) {
    const all = await held(more, 4096)
    await appendFile(all.path('14-1'), row(11, 'late'))
    const { end } = await all.next()
    return { ...all, offset: end }
  }

  it.each([
    ['was being written to', lively],
    ['was not looked at for long', { livelyMs: -1, unseenMs: -1 }],
  ])('may have had more, which is said, where it was the newest and %s', async (_, more) => {
    const { path, end, looked, lost, losses, log, offset } = await read(more)
    await end()
    await looked()
    await rm(path('14-1'))
    await lost(1)
    expect(losses).toMatchObject([{ path: path('14-1'), cause: 'deleted', bytes: null, offset }])
    expect(
      log.lines.filter((line) => /^error A log file was deleted; what nobody has seen/.test(line)),
    ).toHaveLength(1)
  })

  it('is complete where a newer one was there at the last look', async () => {
    const { path, end, looked, lost, losses } = await read(lively)
    await end()
    await writeFile(path('15-1'), text('b', 1))
    await looked()
    await rm(path('14-1'))
    await looked()
    await rm(path('15-1'))
    await lost(1)
    expect(losses).toMatchObject([{ path: path('15-1') }])
  })
})
