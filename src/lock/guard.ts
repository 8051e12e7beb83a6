/**
 * What only a living process has: a socket in the file system that it listens on, and on Windows a file that it holds
 * open and lets nobody else open. The system takes it away with the process, whatever ended that, and it can be asked
 * for from every container on the same machine.
 */
import { closeSync, constants, open } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { promisify } from 'node:util'
import { withPatience } from './patience.ts'

/** Longer paths don't fit into the address of a socket (104 bytes on macOS, with the end of the text). */
const maxPathBytes = 100
const answerMs = 2_000
/** UV_FS_O_EXLOCK of libuv, which Node.js does not name: nobody else may open the file (share mode 0 of Windows). */
const forNobodyElse = 0x1000_0000

/** What shows that this process lives. */
export interface Guard {
  /** Gives it up; may be called again. */
  close(): void
}

/** Where the guard of the lock at `path` is. */
export function guardPath(path: string): string {
  return `${path}.s`
}

/** Makes the guard at `path`; null where that can't be had, as a socket on a share. */
export function openGuard(path: string): Promise<Guard | null> {
  return process.platform === 'win32' ? holdFile(path) : listenAt(path)
}

/**
 * Whether a process of this machine has the guard at `path`. Only to be asked where it was made under the same kernel
 * and on the same mounted file system: elsewhere every socket looks `dead`.
 */
export function askGuard(path: string): Promise<'alive' | 'dead' | 'unknown'> {
  return process.platform === 'win32' ? tryFile(path) : knock(path)
}

async function holdFile(path: string): Promise<Guard | null> {
  const { O_RDWR, O_CREAT } = constants
  try {
    // A number, which stays open whatever becomes of the objects of this program.
    let held: number | undefined = await withPatience(() =>
      promisify(open)(path, O_RDWR | O_CREAT | forNobodyElse, 0o600),
    )
    return {
      close() {
        if (held !== undefined) closeSync(held)
        held = undefined
      },
    }
  } catch {
    return null
  }
}

/** A scanner that looks into it lets others read beside it: who can't read it meets its owner. */
async function tryFile(path: string): Promise<'alive' | 'dead' | 'unknown'> {
  try {
    closeSync(await withPatience(() => promisify(open)(path, 'r')))
    return 'dead'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EBUSY' ? 'alive' : 'unknown'
  }
}

async function listenAt(path: string): Promise<Guard | null> {
  const unready = `${path}.new`
  if (Buffer.byteLength(unready) > maxPathBytes) return null
  const server = createServer((connection) => connection.destroy())
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(unready, resolve)
    })
    server.on('error', () => {})
    server.unref()
    // Bound but not listened on yet it would look like that of a process that has ended.
    await rename(unready, path)
    return server
  } catch {
    server.close()
    await rm(unready, { force: true }).catch(() => {})
    return null
  }
}

function knock(path: string): Promise<'alive' | 'dead' | 'unknown'> {
  if (Buffer.byteLength(path) > maxPathBytes) return Promise.resolve('unknown')
  return new Promise((resolve) => {
    const connection = createConnection(path)
    const answer = (verdict: 'alive' | 'dead' | 'unknown'): void => {
      connection.destroy()
      resolve(verdict)
    }
    connection.setTimeout(answerMs, () => answer('unknown'))
    connection.once('connect', () => answer('alive'))
    connection.on('error', ({ code }: NodeJS.ErrnoException) =>
      answer(code === 'ECONNREFUSED' ? 'dead' : 'unknown'),
    )
  })
}
