/** Child processes that never outlive the bench: each is the head of a process group, which is killed whole. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

const groups = new Set<number>()

process.on('exit', () => {
  for (const group of groups) killGroup(group)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

/** Starts a program in a process group of its own. */
export function startChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true })
  const { pid } = child
  if (pid !== undefined) {
    groups.add(pid)
    child.on('exit', () => groups.delete(pid))
  }
  return child
}

/** Kills it, with all that it started, and waits for its end. */
export async function killChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  killGroup(child.pid)
  await ended
}

/** Waits for its end; throws, with what it said on its standard error, unless it ends well and in time. */
export async function ended(child: ChildProcess, what: string, timeoutMs: number): Promise<void> {
  let said = ''
  child.stderr?.on('data', (text) => {
    said = `${said}${text}`.slice(-2000)
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    void killChild(child)
  }, timeoutMs)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (isLate) throw new Error(`${what} was not done after ${timeoutMs / 1000} s: ${said}`)
    if (code !== 0) throw new Error(`${what} ended with exit code ${code}: ${said}`)
  } finally {
    clearTimeout(timer)
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
