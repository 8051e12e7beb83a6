import { readFile } from 'node:fs/promises'

/** True when a process with this id exists on this machine, whoever owns it. */
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
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    // Field 2 is the name in parentheses and may hold spaces and parentheses; starttime is field 22.
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return startTime === undefined ? null : `${boot.trim()}/${startTime}`
  } catch {
    return null
  }
}
