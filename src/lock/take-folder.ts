/**
 * Taking a folder.
 *
 * Locks are numbered files, `lock.1`, `lock.2`, …; who made the highest one holds the folder. To take the
 * folder, judge the highest lock; if its owner is gone, make the next number, exclusively: of several
 * processes that judge at once only one can. A lock is removed only by the owner of a higher one and never
 * by its judge, so the highest number never falls, and a process that is slow to make its number finds a
 * higher one and steps back. That is why a released lock stays, marked as released.
 *
 * Whether an owner lives is known where both see the same processes, or can reach the same guard (`lock.1.s`).
 * Else the judge watches for its heartbeat: no clock of another machine is trusted.
 */
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../flow/log.ts'
import { pause } from '../flow/pause.ts'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { type Guard, guardPath, openGuard } from './guard.ts'
import { formatOwner, lifeOf, type Owner, ownerHere, readOwner } from './lock-owner.ts'
import { makeFolder } from './make-folder.ts'

/** How often who holds a folder touches its lock. */
export const HEARTBEAT_MS = 5_000
/** So many heartbeats have to be missed. */
const WATCH_MS = 3 * HEARTBEAT_MS
const LOOK_MS = 250
/** Of folders that are made: for nobody else. */
const mode = 0o700
/** A lock that can't be read is taken for one being made while it is younger than this. */
const FRESH_MS = 60_000

/** How a folder is taken. */
export interface LockOptions {
  /** What to do when another process holds the folder. */
  readonly remedy?: string
  /** What the folder is, for people; `the state folder` by default. */
  readonly what?: string
  /** Whether it is made only where the folder that it is in is there; that is made, too, by default. */
  readonly isPart?: boolean
  readonly log?: Log
  /** Ends the watch for a heartbeat: the folder then counts as held. */
  readonly stop?: AbortSignal
  /** How long an owner of whom nothing is known must give no sign of life. */
  readonly watchMs?: number
}

const stateFolder = 'the state folder'
const inUseRemedy = 'Stop that process, or give this one a folder of its own with --state.'

/** A lock of this process, and what shows that it lives. */
export interface Taken {
  readonly number: number
  readonly owner: Owner
  readonly guard: Guard | null
}

/** Takes the folder for this process; rejects like `lockFolder`. */
export async function takeFolder(folder: string, options: LockOptions): Promise<Taken> {
  const { what = stateFolder, isPart = false } = options
  try {
    await (isPart ? makePart(folder) : makeFolder(folder, mode))
    for (;;) {
      const highest = await highestLock(folder)
      if (highest > 0) await refuseIfHeld(folder, lockPath(folder, highest), options)
      const taken = await takeNumber(folder, highest + 1)
      if (taken !== undefined) return taken
    }
  } catch (error) {
    if (error instanceof ProblemsError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw problem(folder, `${what} can not be created or written (${message})`, remedyFor(code))
  }
}

/** As a part only where the folder that it is in is there. */
async function makePart(folder: string): Promise<void> {
  await mkdir(folder, mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

function remedyFor(code: string | undefined): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      // Without room no position could be saved: each start would repeat what the one before delivered.
      return 'The disk is full: make room on it; delivery then goes on from the saved positions.'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'A file stands in its place: name another folder with --state, or move that file away.'
    case 'EROFS':
      return 'The file system can only be read: mount it so that it can be written to, or name another folder with --state. A disk with errors may have become read-only by itself.'
    case 'EISDIR':
      return 'A folder in it has the name of a lock (lock and a number): remove that one, msgtrk has not made it.'
    default:
      return 'Give the user of msgtrk the right to write it, or name another folder with --state.'
  }
}

/** Undefined when another process was faster. */
async function takeNumber(folder: string, number: number): Promise<Taken | undefined> {
  const path = lockPath(folder, number)
  const owner = await ownerHere(path)
  if (!(await createLock(path, owner))) return undefined
  const guard = await openGuard(guardPath(path))
  const numbers = await lockNumbers(folder)
  if (numbers.some((other) => other > number)) {
    guard?.close()
    await removeLock(path)
    return undefined
  }
  for (const lower of numbers) if (lower < number) await removeLock(lockPath(folder, lower))
  return { number, owner, guard }
}

/** One that stays, since a scanner holds it, is harmless: only the highest counts. The next owner tries again. */
async function removeLock(path: string): Promise<void> {
  for (const each of [guardPath(path), path]) await rm(each, { force: true }).catch(() => undefined)
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

async function refuseIfHeld(folder: string, path: string, options: LockOptions): Promise<void> {
  const owner = await readOwner(path)
  if (owner === 'removed') return
  const life = owner === null ? await lifeOfUnreadable(path) : await lifeOf(path, owner)
  if (life === 'dead') return
  if (life === 'unknown') {
    if (!(await beats(path, owner, options))) return
    // The sign of life may have been its last one.
    const now = await readOwner(path)
    if (now === 'removed' || now?.released) return
  }
  throw inUse(folder, path, owner, options)
}

/** A lock just made is that of a process which is about to start; an old one is damaged. */
async function lifeOfUnreadable(path: string): Promise<'alive' | 'unknown'> {
  const { mtimeMs } = await stat(path)
  return Math.abs(Date.now() - mtimeMs) < FRESH_MS ? 'alive' : 'unknown'
}

/** Watches whether the owner gives a sign of life. */
async function beats(path: string, owner: Owner | null, options: LockOptions): Promise<boolean> {
  const { log, watchMs = WATCH_MS, stop = new AbortController().signal } = options
  log?.info('The state folder has the lock of another process; waiting for a sign of life of it', {
    lock: path,
    ...(owner !== null && { pid: owner.pid, host: owner.host }),
    atMostMs: watchMs,
  })
  const first = await beatOf(path)
  const endMs = performance.now() + watchMs
  while (performance.now() < endMs && !stop.aborted) {
    await pause(Math.min(LOOK_MS, watchMs), stop)
    if ((await beatOf(path)) !== first) return true
  }
  return stop.aborted
}

/** When the lock was last touched; 0 when it has gone. */
async function beatOf(path: string): Promise<bigint> {
  return stat(path, { bigint: true }).then(
    ({ mtimeNs }) => mtimeNs,
    () => 0n,
  )
}

/** The highest number in the folder; 0 without a lock, or without the folder. */
export async function highestLock(folder: string): Promise<number> {
  return Math.max(0, ...(await lockNumbers(folder)))
}

/** None when there is no folder. */
async function lockNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .filter((name) => /^lock\.\d{1,16}$/.test(name))
    .map((name) => Number(name.slice('lock.'.length)))
    .filter(Number.isSafeInteger)
}

/** Where the lock with this number stands. */
export function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}`)
}

/** Another process holds the folder: the owner of the lock at `path`. */
export function inUse(
  folder: string,
  path: string,
  owner: Owner | null,
  { what = stateFolder, remedy = inUseRemedy }: Pick<LockOptions, 'what' | 'remedy'> = {},
): ProblemsError {
  const who = owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`
  return problem(
    folder,
    `${what} is in use by ${who} (lock file ${path})`,
    `${remedy} If that process is not msgtrk or no longer runs, delete the lock file.`,
  )
}

function problem(folder: string, message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where: { file: folder }, message, remedy }], ExitCode.state)
}
