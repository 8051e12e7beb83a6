/**
 * Delivery into files, while the program is killed, the disk fills up, and others move and remove the files. Every record
 * stands in a whole line, in files that are there; what stands there twice is counted.
 */
import { execFile } from 'node:child_process'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, type TestContext, test, vi } from 'vitest'
import { Workplace } from '../support/program.ts'
import { isThorough } from '../support/runs.ts'

const rows = isThorough ? 60_000 : 8000
const args = ['run', '--from', 'logs', '--state', 'state', '--to']

test.concurrent('killed again and again while it writes, it loses nothing and leaves no half of a line', {
  timeout: 180_000,
}, async ({ onTestFinished }) => {
  const { place, to } = await setUp(onTestFinished)
  for (const share of [0.1, 0.4, 0.7]) {
    const program = place.start(...args, to)
    await vi.waitFor(async () => expect((await linesIn(place)).length).toBeGreaterThan(rows * share), {
      timeout: 60_000,
      interval: 5,
    })
    await program.stop('SIGKILL')
  }
  expect((await place.run(...args, to, '--once')).code).toBe(0)
  expect(await verdictOf(place)).toMatchObject({ lost: 0, unknown: 0 })
})

test.concurrent('on a full disk it waits for room, and writes nothing twice', {
  timeout: 180_000,
}, async ({ skip, onTestFinished }) => {
  const { place, to } = await setUp(onTestFinished)
  await onSmallDisk(place, skip, onTestFinished)
  const filler = join(place.path('out'), 'filler')
  await fill(filler, 1_000_000)
  const program = place.start(...args, to, '--once')
  const { level, reason } = await program.logged('Destination unavailable')
  expect(reason).toContain('no space is left')
  expect(level).toBe('error')
  await rm(filler)
  expect((await program.ended).code).toBe(0)
  expect(await verdictOf(place)).toEqual({ lost: 0, twice: 0, unknown: 0 })
})

test.concurrent('files that are moved away while it writes hold what they held, and nothing is twice', {
  timeout: 180_000,
}, async ({ onTestFinished }) => {
  const { place, to } = await setUp(onTestFinished)
  const program = place.start(...args, to, '--once')
  let moved = 0
  let hasEnded = false
  void program.ended.then(() => {
    hasEnded = true
  })
  while (!hasEnded) {
    const [name] = await filesIn(place, /\.cef$/)
    if (name !== undefined) await rename(place.path('out', name), place.path('out', `moved-${moved++}`))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await program.ended).code).toBe(0)
  expect(await verdictOf(place)).toEqual({ lost: 0, twice: 0, unknown: 0 })
})

async function setUp(onTestFinished: TestContext['onTestFinished']) {
  const place = await Workplace.open(onTestFinished)
  await place.simulate('logs', rows)
  await mkdir(place.path('out'))
  return { place, to: `file://${place.path('out')}/%S.cef` }
}

async function onSmallDisk(
  place: Workplace,
  skip: TestContext['skip'],
  onTestFinished: TestContext['onTestFinished'],
): Promise<void> {
  const run = promisify(execFile)
  const disk = place.path('out')
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk])
  } catch (error) {
    skip(`needs the right to mount a tmpfs: ${(error as Error).message}`)
  }
  onTestFinished(async () => {
    await run('umount', ['--lazy', disk])
  })
}

/** Takes all the room but so many bytes. */
async function fill(path: string, butBytes: number): Promise<void> {
  const file = await open(path, 'a')
  try {
    for (;;) await file.appendFile(Buffer.alloc(65_536))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    const { size } = await file.stat()
    await file.truncate(size - butBytes)
  } finally {
    await file.close()
  }
}

async function filesIn(place: Workplace, pattern = /\.cef$|^moved-/): Promise<readonly string[]> {
  return (await readdir(place.path('out'))).filter((name) => pattern.test(name))
}

/** What stands in all files, a last line without its end as well. */
async function linesIn(place: Workplace): Promise<readonly string[]> {
  const names = await filesIn(place)
  const texts = await Promise.all(names.map((name) => readFile(place.path('out', name), 'latin1')))
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''))
}

async function verdictOf(place: Workplace) {
  const counts = new Map<string, number>()
  for (const line of await linesIn(place)) counts.set(line, (counts.get(line) ?? 0) + 1)
  const expected = new Map<string, number>()
  for (const frames of (await place.expectedFrames('logs')).values()) {
    for (const frame of frames) {
      const line = frame.slice(frame.indexOf('CEF:'))
      expected.set(line, (expected.get(line) ?? 0) + 1)
    }
  }
  let lost = 0
  let twice = 0
  for (const [line, count] of expected) {
    const found = counts.get(line) ?? 0
    lost += Math.max(0, count - found)
    twice += Math.max(0, found - count)
    counts.delete(line)
  }
  return { lost, twice, unknown: counts.size }
}
