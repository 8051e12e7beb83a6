import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { lockFolder } from '../../../src/checkpoint/lock.ts'
import { isAlive, processStart } from '../../../src/checkpoint/process-identity.ts'
import { ExitCode, ProblemsError } from '../../../src/problems.ts'

/** Listings that the next readers of a folder get instead of the true one. */
const listings = vi.hoisted(() => [] as string[][])
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return { ...real, readdir: async (folder: string) => listings.shift() ?? real.readdir(folder) }
})

let parent: string
let folder: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'msgtrk-lock-'))
  folder = join(parent, 'state')
})
afterEach(() => rm(parent, { recursive: true }))

interface Owner {
  pid: number
  host: string
  start: string | null
  released: boolean
}

async function leaveLock(parts: Partial<Owner>, { number = 1, ageMs = 0 } = {}): Promise<void> {
  const free = await lockFolder(folder)
  await free.release()
  await rm(join(folder, 'lock.1'))
  const owner: Owner = { pid: process.pid, host: hostname(), start: null, released: false, ...parts }
  await writeLock(JSON.stringify(owner), { number, ageMs })
}

async function writeLock(text: string, { number = 1, ageMs = 0 } = {}): Promise<void> {
  const path = join(folder, `lock.${number}`)
  await writeFile(path, text)
  const time = new Date(Date.now() - ageMs)
  await utimes(path, time, time)
}

async function refusal(): Promise<string> {
  const error: unknown = await lockFolder(folder).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ProblemsError)
  expect((error as ProblemsError).exitCode).toBe(ExitCode.state)
  return (error as ProblemsError).message
}

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid!
}

describe('a free folder', () => {
  test('is made, for its owner only', async () => {
    folder = join(parent, 'deep', 'state')
    const lock = await lockFolder(folder)
    if (process.platform !== 'win32') {
      expect((await stat(folder)).mode & 0o777).toBe(0o700)
      expect((await stat(join(folder, 'lock.1'))).mode & 0o777).toBe(0o600)
    }
    await lock.release()
  })

  test('says who holds it', async () => {
    const lock = await lockFolder(folder)
    expect(JSON.parse(await readFile(join(folder, 'lock.1'), 'utf8'))).toEqual({
      pid: process.pid,
      host: hostname(),
      start: await processStart(process.pid),
      released: false,
    })
    await lock.release()
  })

  test('is free again after the release, any number of times', async () => {
    for (let i = 0; i < 3; i++) {
      const lock = await lockFolder(folder)
      expect(await readdir(folder)).toEqual([`lock.${i + 1}`])
      await refusal()
      await lock.release()
    }
  })

  test('goes to exactly one of many that want it at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('a release does not bring back a lock that a person deleted', async () => {
    const lock = await lockFolder(folder)
    await rm(join(folder, 'lock.1'))
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a folder with a lock', () => {
  test('of a process that lives is refused, naming process, host, file and remedy', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    try {
      await leaveLock({ pid: child.pid!, start: await processStart(child.pid!) })
      const message = await refusal()
      expect(message).toContain(`process ${child.pid} on ${hostname()}`)
      expect(message).toContain(join(folder, 'lock.1'))
      expect(message).toContain('--state')
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await (await lockFolder(folder)).release()
  })

  test('of a process that has ended is taken, and removed', async () => {
    await leaveLock({ pid: await endedPid() }, { number: 7 })
    const lock = await lockFolder(folder)
    expect(await readdir(folder)).toEqual(['lock.8'])
    await lock.release()
  })

  test('of a process that has ended goes to exactly one of many', async () => {
    await leaveLock({ pid: await endedPid() })
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test.runIf(process.platform === 'linux')('of an earlier process with our id is taken', async () => {
    await leaveLock({ start: 'another boot/1' })
    await (await lockFolder(folder)).release()
  })

  test('of a living process that may be another by now is judged by its heartbeat', async () => {
    await leaveLock({ start: null }, { ageMs: 30_000 })
    await refusal()
    await writeLock(await readFile(join(folder, 'lock.1'), 'utf8'), { ageMs: 90_000 })
    await (await lockFolder(folder)).release()
  })

  test('of another machine is judged by its heartbeat', async () => {
    await leaveLock({ host: 'elsewhere', pid: await endedPid() }, { ageMs: 30_000 })
    expect(await refusal()).toContain('on elsewhere')
    await writeLock(await readFile(join(folder, 'lock.1'), 'utf8'), { ageMs: 90_000 })
    await (await lockFolder(folder)).release()
  })

  test('that can not be read is judged by its age', async () => {
    await leaveLock({})
    await writeLock('')
    expect(await refusal()).toContain('another process')
    await writeLock('{"pid":', { ageMs: 90_000 })
    await (await lockFolder(folder)).release()
  })

  test('only the highest number counts', async () => {
    await leaveLock({}, { number: 2 })
    await writeLock(JSON.stringify({ pid: 1, host: 'elsewhere', start: null, released: true }), {
      number: 10,
    })
    const lock = await lockFolder(folder)
    expect(await readdir(folder)).toEqual(['lock.11'])
    await lock.release()
  })

  test('is left to the faster one by a process that judged an older lock', async () => {
    const before = await lockFolder(folder)
    await before.release()
    const holder = await lockFolder(folder)
    listings.push([])
    expect(await refusal()).toContain('lock.2')
    expect(await readdir(folder)).toEqual(['lock.2'])
    await holder.release()
  })

  test('keeps no process alive', async () => {
    const timers = vi.spyOn(globalThis, 'setInterval')
    const lock = await lockFolder(folder)
    expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false])
    timers.mockRestore()
    await lock.release()
  })

  test('keeps its heartbeat while it is held', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const lock = await lockFolder(folder)
      const path = join(folder, 'lock.1')
      await utimes(path, 0, 0)
      vi.advanceTimersByTime(10_000)
      await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(0))
      await lock.release()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a folder that can not be used', () => {
  test('because a file is in its place', async () => {
    await writeFile(folder, '')
    expect(await refusal()).toContain('can not be created or written')
  })

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('because of its rights', async () => {
    await chmod(parent, 0o500)
    expect(await refusal()).toContain('EACCES')
    await chmod(parent, 0o700)
  })
})

describe('process identity', () => {
  test('tells the living from the dead', async () => {
    expect(isAlive(process.pid)).toBe(true)
    const pid = await endedPid()
    expect(isAlive(pid)).toBe(false)
    expect(await processStart(pid)).toBeNull()
  })

  test.runIf(process.platform === 'linux')('tells two processes apart and stays the same', async () => {
    const start = await processStart(process.pid)
    expect(start).toMatch(/^[0-9a-f-]{36}\/\d+$/)
    expect(await processStart(process.pid)).toBe(start)
    expect(await processStart(1)).not.toBe(start)
  })
})
