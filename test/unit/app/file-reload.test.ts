/** Reloads that put one destination in files in the place of another, in the same folder, while events go out. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Instance } from '../../../src/app/instance.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { ExitCode } from '../../../src/mistakes/problem.ts'
import { simulate } from '../../../src/simulate/simulator.ts'
import { rowsIn } from '../../support/program.ts'
import { memoryLog } from '../tail/logs.ts'

let folder: string
let file: string
let rows: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-file-reload-'))
  file = join(folder, 'msgtrk.yaml')
  await mkdir(join(folder, 'out'))
  const signal = new AbortController().signal
  await simulate({ into: join(folder, 'logs'), events: 3000, version: '2016', seed: 1, signal })
  const logs = (await readdir(join(folder, 'logs'))).filter((name) => name.endsWith('.LOG'))
  const counts = logs.map(async (name) => rowsIn(await readFile(join(folder, 'logs', name))))
  rows = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
})
afterEach(() => rm(folder, { recursive: true }))

const read = () => readConfig(file, { env: {} })

/** Slow enough that a reload comes in the middle. */
async function configure(destination: string, selfReport: boolean): Promise<void> {
  await writeFile(
    file,
    `state: state
sources: [{ name: EX01, folder: logs }]
destinations: [{ ${destination}, maxEventsPerSecond: 2000, selfReport: ${selfReport} }]
`,
  )
}

/** All lines in the files of the folder: of events, and of reports. */
async function linesOut() {
  const names = (await readdir(join(folder, 'out'))).filter((name) => name.includes('.cef'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'out', name), 'utf8')))
  const lines = texts.flatMap((text) => text.split('\n').slice(0, -1))
  const isReport = (line: string) => line.startsWith('CEF:0|msgtrk|')
  return { events: lines.filter((line) => !isReport(line)), reports: lines.filter(isReport) }
}

test.each([true, false])(
  'nothing is lost or twice, and nobody waits for the folder (reports: %s)',
  async (selfReport) => {
    const to = (name: string) => `to: 'file://${join(folder, 'out')}/${name}.cef'`
    await configure(`name: a, ${to('one')}`, selfReport)
    const log = memoryLog()
    const stop = new AbortController()
    const instance = await Instance.open({ config: await read(), log, stop: stop.signal, follow: true, read })
    const running = instance.run()
    const has = (count: number) => {
      const there = async () => expect((await linesOut()).events.length).toBeGreaterThanOrEqual(count)
      // Where it fails, that is told.
      return Promise.race([vi.waitFor(there, { timeout: 150_000, interval: 20 }), running])
    }
    try {
      await has(100)
      // Other settings, another file, another name.
      for (const [share, destination] of [
        [0.2, `name: a, ${to('one')}, file: { mode: '0640' }`],
        [0.4, `name: a, ${to('two')}`],
        [0.6, `name: b, formerName: a, ${to('two')}`],
      ] as const) {
        await configure(destination, selfReport)
        await instance.reload({ by: 'test' })
        await has(rows * share)
      }
      await has(rows)
    } finally {
      stop.abort()
      expect(await running).toBe(ExitCode.ok)
    }
    const { events, reports } = await linesOut()
    expect([events.length, new Set(events).size]).toEqual([rows, rows])
    // One that was not known to be on disk when its destination was replaced comes again.
    const ids = [...new Set(reports)].map((line) => line.split('|')[4])
    if (selfReport) {
      expect(ids.filter((id) => id === 'msgtrk:050')).toHaveLength(3)
      expect([ids[0], ids.at(-1)]).toEqual(['agent:030', 'agent:031'])
    } else expect(ids).toEqual([])
    expect(log.lines.filter((line) => /^(?:warn|error) /.test(line)).join()).toBe('')
  },
)
