import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { exchangeVersions, headerBlock, layouts } from '../../../src/simulate/layouts.ts'
import { type SimulationOptions, simulate } from '../../../src/simulate/simulator.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-simulate-'))
})
afterEach(() => rm(folder, { recursive: true }))

const never = new AbortController().signal
const options = (changes: Partial<SimulationOptions>): SimulationOptions => ({
  into: join(folder, 'logs'),
  version: '2016',
  seed: 1,
  signal: never,
  ...changes,
})

/** Name and content of every file, in one hash. */
function fingerprint(into: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(into).sort()) hash.update(name).update(readFileSync(join(into, name)))
  return hash.digest('hex')
}

function readLog(path: string): { header: string; rows: string[][] } {
  const text = readFileSync(path, 'utf8')
  const bodyAt = text.indexOf('\r\n', text.indexOf('#Fields:')) + 2
  return { header: text.slice(0, bodyAt), rows: parse(text.slice(bodyAt), { record_delimiter: '\r\n' }) }
}

describe('simulate, bounded', () => {
  it('writes the same bytes for the same seed, and others for another', async () => {
    const into = ['a', 'b', 'c', 'd'].map((name) => join(folder, name)) as [string, string, string, string]
    await simulate(options({ into: into[0], events: 3000 }))
    await simulate(options({ into: into[1], events: 3000 }))
    await simulate(options({ into: into[2], events: 3000, seed: 2 }))
    await simulate(options({ into: into[3], events: 3000, server: 'EX02' }))
    const prints = into.map(fingerprint)
    expect(prints[1]).toBe(prints[0])
    expect(new Set(prints).size).toBe(3)
  })

  it.each(exchangeVersions)('writes whole logs of Exchange %s', async (version) => {
    const layout = layouts[version]
    const result = await simulate(options({ version, events: 2000 }))
    expect(result.rows).toBe(2000)
    expect(result.files.length).toBeGreaterThan(1)
    let [rows, bytes] = [0, 0]
    for (const path of result.files) {
      const log = readLog(path)
      const times = log.rows.map((row) => row[0] as string)
      expect(log.header).toBe(headerBlock(layout, Date.parse(times[0] as string)))
      expect(log.rows.every((row) => row.length === layout.columns.length)).toBe(true)
      expect(times).toEqual([...times].sort())
      rows += log.rows.length
      bytes += readFileSync(path).length
    }
    expect([rows, bytes]).toEqual([result.rows, result.bytes])
  })

  it('spreads even few rows over hours', async () => {
    const { files } = await simulate(options({ events: 300 }))
    const hours = new Set(files.map((path) => /(\d{10})-\d+\.LOG$/.exec(path)?.[1]))
    expect(hours.size).toBeGreaterThan(1)
  })

  it('refuses a folder with logs and leaves them alone', async () => {
    await simulate(options({ events: 50 }))
    const before = fingerprint(options({}).into)
    await expect(simulate(options({ events: 50, seed: 2 }))).rejects.toThrow(ProblemsError)
    expect(fingerprint(options({}).into)).toBe(before)
  })

  it('says what is wrong with a folder that is none', async () => {
    const into = join(folder, 'file')
    await writeFile(into, '')
    await expect(simulate(options({ into, events: 5 }))).rejects.toThrow(ProblemsError)
  })

  it('stops when asked, with every line complete', async () => {
    const stop = new AbortController()
    const result = await simulate(
      options({ events: 1_000_000, signal: stop.signal, onRows: () => stop.abort() }),
    )
    expect(result.rows).toBeLessThan(1_000_000)
    const rows = result.files.reduce((sum, path) => sum + readLog(path).rows.length, 0)
    expect(rows).toBe(result.rows)
  })
})

describe('simulate, live', () => {
  it('shows half lines on the way and only whole ones at the end', async () => {
    const { into } = options({})
    const stop = new AbortController()
    const endsWhole = (name: string) => readFileSync(join(into, name), 'utf8').endsWith('\r\n')
    // Goes on until a half line was seen: when that is depends on the clock, that it comes does not.
    let sawHalf = false
    const onRows = () => {
      sawHalf ||= !readdirSync(into).every(endsWhole)
      if (sawHalf) stop.abort()
    }
    const result = await simulate(options({ rate: 300, signal: stop.signal, onRows }))
    expect(sawHalf).toBe(true)
    expect(readdirSync(into).every(endsWhole)).toBe(true)
    expect(result.files.flatMap((path) => readLog(path).rows)).toHaveLength(result.rows)
  })

  it('gives every row a time of its own', async () => {
    // As many as it may run ahead of the clock, should all of them be due at once.
    const { files } = await simulate(options({ rate: 1000, events: 200 }))
    const logs = files.map((path) => readLog(path).rows.map((row) => row[0] as string))
    for (const times of logs) expect(times).toEqual([...times].sort())
    expect(new Set(logs.flat()).size).toBe(200)
  })

  it('takes the next instance number beside logs that exist', async () => {
    const first = await simulate(options({ rate: 1000, events: 60 }))
    const contents = first.files.map((path) => readFileSync(path))
    const second = await simulate(options({ rate: 1000, events: 60, seed: 2 }))
    expect(first.files.map((path) => readFileSync(path))).toEqual(contents)
    expect(second.files.some((path) => first.files.includes(path))).toBe(false)
  })

  it('stops when asked, with every line complete', async () => {
    const stop = new AbortController()
    const onRows = (rows: number) => {
      if (rows >= 20) stop.abort()
    }
    const result = await simulate(options({ rate: 500, signal: stop.signal, onRows }))
    expect(result.rows).toBeGreaterThanOrEqual(20)
    expect(result.files.flatMap((path) => readLog(path).rows)).toHaveLength(result.rows)
  })
})
