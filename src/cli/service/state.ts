/** What the system says of a service. */
import { setTimeout } from 'node:timers/promises'
import { isRunningBy, isStoppingBy } from './windows.ts'

/** How the system is asked. */
interface System {
  readonly isWindows: boolean
  /** Rejects where the program fails. */
  readonly run: (program: string, args: readonly string[]) => Promise<{ readonly stdout: string }>
}

/** The host of Windows takes 25 s at most. */
const stopTries = 60
const stopLookMs = 500

/** Whether it is set up. */
export function isInstalled(name: string, { isWindows, run }: System): Promise<boolean> {
  return succeeds(isWindows ? run('sc', ['query', name]) : run('systemctl', ['cat', `${name}.service`]))
}

/** Whether it runs. */
export function isRunning(name: string, { isWindows, run }: System): Promise<boolean> {
  return isWindows
    ? windowsSays(name, isRunningBy, run)
    : succeeds(run('systemctl', ['is-active', '--quiet', `${name}.service`]))
}

/** On Windows, of one that somebody else stops, as the installer does: until then it can't be started, and its program is in use. */
export async function untilStopped(name: string, { run }: System): Promise<void> {
  for (let tries = 0; tries < stopTries; tries++) {
    if (!(await windowsSays(name, isStoppingBy, run))) return
    await setTimeout(stopLookMs)
  }
}

function windowsSays(name: string, what: (text: string) => boolean, run: System['run']): Promise<boolean> {
  return run('sc', ['query', name]).then(
    ({ stdout }) => what(stdout),
    () => false,
  )
}

function succeeds(running: Promise<unknown>): Promise<boolean> {
  return running.then(
    () => true,
    () => false,
  )
}
