/**
 * One process per state folder, without the operating system's help (Node has no file locks).
 *
 * Locks are numbered files, `lock.1`, `lock.2`, …; who made the highest one holds the folder. To take the
 * folder, judge the highest lock; if its owner is gone, make the next number, exclusively: of several
 * processes that judge at once only one can. A lock is removed only by the owner of a higher one and never
 * by its judge, so the highest number never falls, and a process that is slow to make its number finds a
 * higher one and steps back. That is why a released lock stays, marked as released.
 */
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { ExitCode, ProblemsError } from '../problems.ts'
import { isAlive, processStart } from './process-identity.ts'

const HEARTBEAT_MS = 10_000
/** A lock whose owner can't be looked at counts as held while its heartbeat is younger than this. */
const STALE_AFTER_MS = 60_000
/** A lock has this size, so that it can be rewritten in place, on a full disk too. */
const LOCK_BYTES = 512
const READ_TRIES = 5
const READ_WAIT_MS = 20

const ownerSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** See `processStart`. */
  start: z.string().nullable(),
  released: z.boolean(),
})
type Owner = z.infer<typeof ownerSchema>

/** A state folder held by this process. */
export interface FolderLock {
  /** Gives the folder free; never rejects. */
  release(): Promise<void>
}

const inUseRemedy = 'Stop that process, or give this one a folder of its own with --state.'

/**
 * Makes `folder` if it is missing and takes it for this process. Rejects with a `ProblemsError` when another
 * process holds it (`remedy` says what to do then) or when it can't be made or written.
 */
export async function lockFolder(folder: string, remedy = inUseRemedy): Promise<FolderLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (;;) {
      const highest = Math.max(0, ...(await lockNumbers(folder)))
      if (highest > 0) await refuseIfHeld(folder, lockPath(folder, highest), remedy)
      const lock = await takeNumber(folder, highest + 1)
      if (lock !== undefined) return lock
    }
  } catch (error) {
    if (error instanceof ProblemsError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw problem(
      folder,
      `the state folder can not be created or written (${message})`,
      // Without room no position could be saved: each start would repeat what the one before delivered.
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'The disk is full: make room on it; delivery then goes on from the saved positions.'
        : 'Give the user of msgtrk the right to write it, or name another folder with --state.',
    )
  }
}

/** Undefined when another process was faster. */
async function takeNumber(folder: string, number: number): Promise<FolderLock | undefined> {
  const path = lockPath(folder, number)
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    start: await processStart(process.pid),
    released: false,
  }
  if (!(await createLock(path, owner))) return undefined
  const numbers = await lockNumbers(folder)
  if (numbers.some((other) => other > number)) {
    await rm(path, { force: true })
    return undefined
  }
  for (const lower of numbers) {
    if (lower < number) await rm(lockPath(folder, lower), { force: true })
  }
  return hold(path, owner)
}

async function createLock(path: string, owner: Owner): Promise<boolean> {
  let file: FileHandle
  try {
    file = await open(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    await file.writeFile(formatOwner(owner))
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return true
}

function hold(path: string, owner: Owner): FolderLock {
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, HEARTBEAT_MS)
  heartbeat.unref()
  return {
    async release() {
      clearInterval(heartbeat)
      try {
        const file = await open(path, 'r+')
        try {
          await file.write(formatOwner({ ...owner, released: true }), 0)
        } finally {
          await file.close()
        }
      } catch {
        // The lock then counts as stale as soon as this process has ended.
      }
    },
  }
}

async function refuseIfHeld(folder: string, path: string, remedy: string): Promise<void> {
  const owner = await readOwner(path)
  if (owner === 'removed' || !(await isHeld(path, owner))) return
  const who = owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`
  throw problem(
    folder,
    `the state folder is in use by ${who} (lock file ${path})`,
    `${remedy} If that process is not msgtrk or no longer runs, delete the lock file.`,
  )
}

async function isHeld(path: string, owner: Owner | null): Promise<boolean> {
  if (owner?.released) return false
  if (owner !== null && owner.host === hostname()) {
    if (!isAlive(owner.pid)) return false
    const start = await processStart(owner.pid)
    if (start !== null && owner.start !== null) return start === owner.start
  }
  // Another machine, or an id that may belong to another process by now: only the heartbeat tells.
  const beat = await stat(path).catch(() => undefined)
  return beat !== undefined && Date.now() - beat.mtimeMs < STALE_AFTER_MS
}

/** Null when the lock is not readable as one: just being written, or damaged. */
async function readOwner(path: string): Promise<Owner | 'removed' | null> {
  for (let left = READ_TRIES; left > 0; left--) {
    try {
      return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return 'removed'
      if (code !== undefined) throw error
    }
    await sleep(READ_WAIT_MS)
  }
  return null
}

async function lockNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => /^lock\.\d{1,15}$/.test(name))
    .map((name) => Number(name.slice('lock.'.length)))
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}`)
}

function formatOwner(owner: Owner): string {
  return `${JSON.stringify(owner).padEnd(LOCK_BYTES - 1)}\n`
}

function problem(where: string, message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where, message, remedy }], ExitCode.state)
}
