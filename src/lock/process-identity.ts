import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** True when a process with this id exists where this one sees it, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * What tells a process from a later one with the same id: on Linux the boot and the moment of its start.
 * Null when it can't be told: elsewhere, or where the process is hidden from this user.
 */
export async function processStart(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([bootId(), readFile(`/proc/${pid}/stat`, 'utf8')])
    // Field 2 is the name in parentheses and may hold spaces and parentheses; starttime is field 22.
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return startTime === undefined ? null : `${boot}/${startTime}`
  } catch {
    return null
  }
}

/**
 * What all processes of this machine share that were started since it was, in whatever container; elsewhere than
 * on Linux the name of the machine. Null when it can't be told.
 */
export async function kernel(): Promise<string | null> {
  return process.platform === 'linux' ? bootId().catch(() => null) : hostname()
}

/**
 * Among which processes an id means the same one: those of a container see only each other. Null when it can't be
 * told, and on Windows, where the id of a process that has ended is soon that of another and nothing tells them apart.
 */
export async function pidNamespace(): Promise<string | null> {
  if (process.platform === 'win32') return null
  return process.platform === 'linux' ? readlink('/proc/self/ns/pid').catch(() => null) : 'all'
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}
