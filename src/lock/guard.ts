/**
 * What only a living process has: a socket in the file system that it listens on. The system takes it away with the
 * process, whatever ended that, and it can be asked for from every container on the same machine.
 */
import { rename, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'

/** Longer paths don't fit into the address of a socket (104 bytes on macOS, with the end of the text). */
const maxPathBytes = 100
const answerMs = 2_000

/** Where the owner of the lock at `path` listens. */
export function guardPath(path: string): string {
  return `${path}.s`
}

/** Listens at `path`; null where that can't be had, as on a share. */
export async function openGuard(path: string): Promise<Server | null> {
  const unready = `${path}.new`
  if (process.platform === 'win32' || Buffer.byteLength(unready) > maxPathBytes) return null
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

/**
 * Whether a process of this machine listens at `path`. Only to be asked where it was made under the same kernel
 * and on the same mounted file system: elsewhere every socket looks `dead`.
 */
export function askGuard(path: string): Promise<'alive' | 'dead' | 'unknown'> {
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
