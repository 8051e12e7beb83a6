/** Rows that were read and go with their log before they are delivered: the books, what is said, the exit code. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { run } from '../../src/app/run.ts'
import type { PipelineView } from '../../src/app/running-pipeline.ts'
import { configFromOptions } from '../../src/config/load.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { Collector } from '../support/collector.ts'
import { date, header, memoryLog, row } from '../unit/tail/logs.ts'

// That a log is gone is sure after ten seconds.
const timeout = 180_000

type Finish = (callback: () => void | Promise<void>) => void

/** Three logs of ten rows, of which at least the first one is read, for a receiver that is not there yet. */
async function readInVain(onTestFinished: Finish, { follow }: { readonly follow: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-lost-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const path = (hour: number) => join(logs, `MSGTRK20261120${hour}-1.LOG`)
  for (const hour of [17, 18, 19]) {
    const rows = Array.from({ length: 10 }, (_, i) => row(i, `${hour}-${i}`))
    await writeFile(path(hour), header(date.replace('14', `${hour}`)) + rows.join(''))
  }
  const placeholder = await Collector.listen({})
  const { url } = placeholder
  await placeholder.close()
  const config = configFromOptions({ from: [logs], to: url, state: join(folder, 'state') })
  const log = memoryLog()
  const stop = new AbortController()
  const pipelines: PipelineView[] = []
  const ended = run({ config, log, stop: stop.signal, follow, onStart: (views) => pipelines.push(...views) })
  onTestFinished(async () => {
    stop.abort()
    await ended.catch(() => {})
  })
  const counts = () => pipelines[0]?.statistics.snapshot()
  await vi.waitFor(() => expect(counts()?.inFlight).toBeGreaterThanOrEqual(10), timeout)
  return {
    path,
    log,
    counts,
    ended,
    stop: () => stop.abort(),
    said: (pattern: RegExp) => log.lines.filter((line) => pattern.test(line)),
    /** The receiver comes up, and gets `rows`. */
    async deliver(rows: number): Promise<void> {
      const receiver = await Collector.listen({ listen: url })
      onTestFinished(() => receiver.close())
      await receiver.has(rows)
    },
  }
}

describe.concurrent('rows of a log that is deleted before they are delivered', () => {
  it('leave the books as lost, and nothing is promised of them', async ({ onTestFinished }) => {
    const { path, counts, ended, stop, said, deliver } = await readInVain(onTestFinished, { follow: true })
    await rm(path(17))
    await deliver(20)
    await vi.waitFor(() => expect(said(/^error A log file was deleted/)).toHaveLength(1), timeout)
    await vi.waitFor(() => expect(counts()).toMatchObject({ delivered: 20, inFlight: 0 }), timeout)
    stop()
    expect(await ended).toBe(ExitCode.ok)
    expect(counts()).toMatchObject({ read: 30, delivered: 20, lost: 10, inFlight: 0 })
    expect(said(/the rest follows/)).toEqual([])
  })

  it('make reading once end with exit code 1', async ({ onTestFinished }) => {
    const { path, counts, ended, deliver } = await readInVain(onTestFinished, { follow: false })
    await rm(path(17))
    await deliver(20)
    expect(await ended).toBe(ExitCode.failed)
    expect(counts()).toMatchObject({ read: 30, delivered: 20, lost: 10, inFlight: 0 })
  })

  it('are told at a stop before it is sure that the log is gone', async ({ onTestFinished }) => {
    const { path, counts, ended, stop, said } = await readInVain(onTestFinished, { follow: true })
    await rm(path(17))
    stop()
    expect(await ended).toBe(ExitCode.unfinished)
    expect(said(/^error A log file was missing at the stop.*17-1.*"bytes":[1-9]/)).toHaveLength(1)
    expect(said(/the rest follows after the next start, but for the files that are missing/)).toHaveLength(1)
    expect(counts()).toMatchObject({ lost: 0, inFlight: counts()?.read })
  })

  it('are lost at a stop when the log was replaced by then', async ({ onTestFinished }) => {
    const { path, counts, ended, stop, said } = await readInVain(onTestFinished, { follow: true })
    await writeFile(`${path(17)}.new`, header('2026-11-20T20:00:00.000Z') + row(1, 'another'))
    await rename(`${path(17)}.new`, path(17))
    stop()
    await ended
    expect(said(/^error A log file was replaced.*17-1.*"bytes":[1-9]/)).toHaveLength(1)
    expect(counts()).toMatchObject({ lost: 10, inFlight: (counts()?.read ?? 0) - 10 })
  })
})
