import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type FolderLock, lockFolder as lockStateFolder } from '../../../src/lock/lock.ts'
import { isAlive, kernel, pidNamespace, processStart } from '../../../src/lock/process-identity.ts'
import type { LockOptions } from '../../../src/lock/take-folder.ts'
import { ExitCode, ProblemsError } from '../../../src/mistakes/problem.ts'

/** Listings that the next readers of a folder get instead of the true one. */
const listings = vi.hoisted(() => [] as string[][])
/** Files that another program holds: they can't be removed. */
const heldByOthers = vi.hoisted(() => new Set<string>())
/** Folders that can't be made, and what the system says. */
const codes = vi.hoisted(() => new Map<string, string>())
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const rm = async (path: string, options?: object) => {
    if (heldByOthers.has(path)) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' })
    await real.rm(path, options)
  }
  const mkdir = async (path: string, options?: { readonly recursive?: boolean }) => {
    const said = codes.get(String(path))
    // So does Node.js.
    const code = said === 'EROFS' && options?.recursive ? 'ENOENT' : said
    if (code !== undefined) throw Object.assign(new Error(code), { code })
    return await real.mkdir(path, options)
  }
  return { ...real, rm, mkdir, readdir: async (folder: string) => listings.shift() ?? real.readdir(folder) }
})

/** Where only a sign of life tells, it is waited for no longer than this. */
const watchMs = 200

function lockFolder(path: string, options: LockOptions = {}): Promise<FolderLock> {
  return lockStateFolder(path, { watchMs, ...options })
}

/** The locks in the folder, without what their owners listen on. */
async function locks(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /^lock\.\d+$/.test(name))
}

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
  kernel: string | null
  namespace: string | null
  device: string | null
}

/** A lock as this process would leave it, but for `parts`. */
async function leaveLock(parts: Partial<Owner>, number = 1): Promise<void> {
  const free = await lockFolder(folder)
  await free.release()
  await rm(join(folder, 'lock.1'))
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    start: null,
    released: false,
    kernel: await kernel(),
    namespace: await pidNamespace(),
    device: `${(await stat(folder)).dev}`,
    ...parts,
  }
  await writeLock(JSON.stringify(owner), number)
}

async function writeLock(text: string, number = 1): Promise<void> {
  await writeFile(join(folder, `lock.${number}`), text)
}

/** Touches a lock again and again, as its owner does. */
function beating(number = 1): void {
  const path = join(folder, `lock.${number}`)
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, 20)
  onTestFinished(() => clearInterval(beat))
}

async function refusal(options?: LockOptions): Promise<string> {
  const error: unknown = await lockFolder(folder, options).then(
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
      id: expect.any(String),
      pid: process.pid,
      host: hostname(),
      start: await processStart(process.pid),
      kernel: await kernel(),
      namespace: await pidNamespace(),
      device: `${(await stat(folder)).dev}`,
      released: false,
    })
    await lock.release()
  })

  test('is free again after the release, any number of times', async () => {
    for (let i = 0; i < 3; i++) {
      const lock = await lockFolder(folder)
      expect(await locks()).toEqual([`lock.${i + 1}`])
      await refusal()
      await lock.release()
      expect(await readdir(folder)).toEqual([`lock.${i + 1}`])
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
    expect(await locks()).toEqual([])
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
    await leaveLock({ pid: await endedPid() }, 7)
    const lock = await lockFolder(folder)
    expect(await locks()).toEqual(['lock.8'])
    await lock.release()
  })

  test('of a process that has ended is left where another program holds it', async () => {
    await leaveLock({ pid: await endedPid() })
    heldByOthers.add(join(folder, 'lock.1'))
    const lock = await lockFolder(folder)
    expect(await locks()).toEqual(['lock.1', 'lock.2'])
    await lock.release()
    heldByOthers.clear()
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

  test.each<[string, Partial<Owner>]>([
    ['a living process that may be another by now', { start: null, device: null }],
    ['another machine', { host: 'elsewhere', kernel: 'another kernel' }],
    ['this machine before it was started again', { kernel: 'another boot', start: 'another boot/1' }],
    ['a machine that tells nothing of itself', { kernel: null }],
    ['another container whose socket can not be asked for', { namespace: 'pid:[1]', device: 'another' }],
    ['another container without a socket', { namespace: 'pid:[1]' }],
  ])('of %s is judged by its heartbeat', async (_, parts) => {
    await leaveLock(parts)
    const lock = await lockFolder(folder)
    await lock.release()
    await rm(join(folder, 'lock.2'))
    await leaveLock(parts)
    beating()
    expect(await refusal({ watchMs: 60_000 })).toContain('is in use by process')
  })

  test('that can not be read is refused while it may be in the making, else judged by its heartbeat', async () => {
    await leaveLock({})
    await writeLock('')
    expect(await refusal({ watchMs: 60_000 })).toContain('another process')
    await utimes(join(folder, 'lock.1'), 0, 0)
    const lock = await lockFolder(folder)
    await lock.release()
    await writeLock('{"pid":', 2)
    await utimes(join(folder, 'lock.2'), 0, 0)
    beating(2)
    expect(await refusal({ watchMs: 60_000 })).toContain('another process')
  })

  test('is waited for no longer when the program is to stop', async () => {
    await leaveLock({ kernel: null })
    await refusal({ watchMs: 60_000, stop: AbortSignal.abort() })
  })

  test.skipIf(process.platform === 'win32')(
    'of another container on this machine is known by its socket',
    async () => {
      const holder = await lockFolder(folder)
      // As it looks from there: its id is that of no process, or of another one.
      const owner = JSON.parse(await readFile(join(folder, 'lock.1'), 'utf8'))
      await writeLock(JSON.stringify({ ...owner, namespace: 'pid:[1]', pid: await endedPid() }))
      await refusal({ watchMs: 60_000 })

      const child = spawn(process.execPath, [
        '-e',
        `require('net').createServer().listen(${JSON.stringify(join(folder, 'lock.7.s'))}, () => console.log())`,
      ])
      await once(child.stdout, 'data')
      await writeLock(JSON.stringify({ ...owner, namespace: 'pid:[1]' }), 7)
      await refusal({ watchMs: 60_000 })
      child.kill('SIGKILL')
      await once(child, 'exit')
      const lock = await lockFolder(folder, { watchMs: 60_000 })
      expect(await locks()).toEqual(['lock.8'])
      await lock.release()
      await holder.release()
    },
  )

  test('of a number that nobody reaches is followed by the next one', async () => {
    await leaveLock({ released: true }, 999_999_999_999_999)
    const lock = await lockFolder(folder)
    await lock.confirm()
    expect(await locks()).toEqual(['lock.1000000000000000'])
    await lock.release()
  })

  test('only the highest number counts', async () => {
    await leaveLock({}, 2)
    await writeLock(JSON.stringify({ pid: 1, host: 'elsewhere', start: null, released: true }), 10)
    const lock = await lockFolder(folder)
    expect(await locks()).toEqual(['lock.11'])
    await lock.release()
  })

  test('is left to the faster one by a process that judged an older lock', async () => {
    const before = await lockFolder(folder)
    await before.release()
    const holder = await lockFolder(folder)
    listings.push([])
    expect(await refusal()).toContain('lock.2')
    expect(await locks()).toEqual(['lock.2'])
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
      vi.advanceTimersByTime(5_000)
      await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(0), 150_000)
      await lock.release()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a folder that is held', () => {
  test('is made again when it was removed, and said; nobody else gets it', async () => {
    const lines: string[] = []
    const say = (message: string) => void lines.push(message)
    const log = { debug: say, info: say, warn: say, error: say }
    const lock = await lockFolder(folder, { log })
    let remade = 0
    lock.onRemade(() => remade++)
    await lock.confirm()
    expect([remade, lines]).toEqual([0, []])
    await rm(folder, { recursive: true })
    await Promise.all([lock.confirm(), lock.confirm()])
    expect(remade).toBe(1)
    expect(lines).toEqual([expect.stringContaining('was removed while in use')])
    expect(lock.lost.aborted).toBe(false)
    await refusal()
    await lock.release()
  })

  test('is still held when it was away for a moment, and is back before it could be made again', async () => {
    const lock = await lockFolder(folder)
    // As a share is that comes and goes.
    listings.push([])
    await lock.confirm()
    expect(lock.lost.aborted).toBe(false)
    await lock.confirm()
    expect(await locks()).toEqual(['lock.1'])
    await refusal()
    await lock.release()
  })

  test.each([
    ['under the same number', 0],
    ['under a lower number', 2],
  ])('is lost to who took it after it was removed, %s', async (_, before) => {
    for (let i = 0; i < before; i++) await (await lockFolder(folder)).release()
    const lock = await lockFolder(folder)
    await rm(folder, { recursive: true })
    const other = await lockFolder(folder)
    await expect(lock.confirm()).rejects.toThrow('is in use by process')
    expect(lock.lost.reason).toBeInstanceOf(ProblemsError)
    await expect(lock.confirm()).rejects.toBe(lock.lost.reason)
    await lock.release()
    await other.confirm()
    await refusal()
    await other.release()
  })

  test('is lost to who took it while this process was suspended', async () => {
    const lock = await lockFolder(folder)
    await leaveLockOfAnother()
    await expect(lock.confirm()).rejects.toThrow('is in use by process 1 on elsewhere')
    expect(lock.lost.aborted).toBe(true)
    await lock.release()
  })

  async function leaveLockOfAnother(): Promise<void> {
    await writeLock(JSON.stringify({ pid: 1, host: 'elsewhere', start: null, released: false }), 2)
  }
})

describe('a folder that can not be used', () => {
  test('because a file is in its place', async () => {
    await writeFile(folder, '')
    expect(await refusal()).toContain('can not be created or written')
  })

  test('because a folder has the name of a lock', async () => {
    await mkdir(join(folder, 'lock.3'), { recursive: true })
    const error = await lockFolder(folder).catch((caught: unknown) => caught)
    expect((error as ProblemsError).problems[0]?.remedy).toContain('A folder in it has the name of a lock')
  })

  test.each([
    ['ENOSPC', /make room/],
    ['EROFS', /mount it so that it can be written to/],
    ['EACCES', /the right to write/],
  ])('for %s, with what to do about that', async (code, remedy) => {
    codes.set(folder, code)
    onTestFinished(() => codes.clear())
    const error = await lockFolder(folder).catch((caught: unknown) => caught)
    expect((error as ProblemsError).problems[0]?.remedy).toMatch(remedy)
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
