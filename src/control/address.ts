/**
 * Where an instance listens, found by its state folder.
 *
 * Usually `control.sock` in that folder. Where a socket can't be had there, since the path is too long for the address
 * of a socket or the file system takes none, it is in a private folder, and on Windows a pipe; then a file in the state
 * folder, `control.path`, says where. The names of those are random: nobody can take them beforehand, and only who may
 * read the state folder learns them.
 */
import { randomBytes } from 'node:crypto'
import { lstat, mkdtemp, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Longer paths don't fit into the address of a socket (104 bytes on macOS, with the end of the text). */
const maxSocketPathBytes = 100
const privatePrefix = 'msgtrk-'

/** The socket in the state folder. */
export function socketIn(state: string): string {
  return path.join(state, 'control.sock')
}

/** The file that names another place. */
function pointerIn(state: string): string {
  return path.join(state, 'control.path')
}

/** Where the instance on this state folder listens, or listened; rejects with the system's error, ENOENT when none does. */
export async function findAddress(state: string): Promise<string> {
  const socket = socketIn(state)
  try {
    await lstat(socket)
    return socket
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return (await readFile(pointerIn(state), 'utf8')).trim()
}

/** Names the place where the instance listens. */
export async function writePointer(state: string, address: string): Promise<void> {
  const pointer = pointerIn(state)
  const unready = `${pointer}.new`
  await rm(unready, { force: true })
  await writeFile(unready, `${address}\n`, { mode: 0o600, flag: 'wx' })
  await rename(unready, pointer)
}

/** A place outside of the state folder for which nothing else can be taken. */
export async function privateAddress(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\msgtrk-${randomBytes(16).toString('hex')}`
  // What systemd makes for a service, then for a user: other than /tmp, all processes of that account see them.
  const candidates = [env.RUNTIME_DIRECTORY?.split(':')[0], env.XDG_RUNTIME_DIR, tmpdir()]
  let failure: unknown
  for (const parent of candidates) {
    if (parent === undefined || !fits(path.join(parent, `${privatePrefix}XXXXXX`, 'control.sock'))) continue
    try {
      return path.join(await mkdtemp(path.join(parent, privatePrefix)), 'control.sock')
    } catch (error) {
      failure = error
    }
  }
  throw failure ?? new Error('no folder for it has a path that is short enough')
}

/** Whether a socket can have this path. */
export function fits(socket: string): boolean {
  return Buffer.byteLength(socket) <= maxSocketPathBytes
}

/** Removes what an instance that has ended left; only for who holds the state folder. */
export async function removeLeftovers(state: string): Promise<void> {
  const address = await readFile(pointerIn(state), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
  if (address !== undefined) await removePrivate(address)
  for (const each of [socketIn(state), `${socketIn(state)}.new`, pointerIn(state)]) {
    await rm(each, { force: true }).catch(() => undefined)
  }
}

/** Removes a socket outside of the state folder with the folder made for it. */
export async function removePrivate(address: string): Promise<void> {
  const folder = path.dirname(address)
  const isOurs = path.basename(address) === 'control.sock' && path.basename(folder).startsWith(privatePrefix)
  if (!isOurs) return
  await rm(address, { force: true }).catch(() => undefined)
  await rmdir(folder).catch(() => undefined)
}
