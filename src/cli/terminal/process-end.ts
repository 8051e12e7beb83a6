/**
 * The end of the process, which must come whatever hangs. A system call on a dead share may never return, and
 * `process.exit` waits for all of them, deaf to every signal. So while one is under way, and does not return
 * within a moment, the process is ended from outside of it:
 *
 *   signal       stop gracefully; after `stopLimitMs` at once
 *   signal again at once, with exit code 4
 *   and again    the system ends it
 *
 * At once, with a call that hangs, means: the process is replaced by one that gives the exit code, where Node.js
 * can do that (from 22.15 on, not on Windows), else it dies of the signal that asked for it.
 */
import { existsSync } from 'node:fs'
import { ExitCode } from '../../mistakes/problem.ts'

/** A graceful stop takes ten seconds at most. */
const stopLimitMs = 12_000
/** A call that is under way for so long, when all else has ended, hangs; one that asks for a name may take that long. */
const endedPatienceMs = 20_000
/** The same where a signal has asked for the end, */
const askedPatienceMs = 2_000
/** and where it asked twice. */
const patienceMs = 500
const lookMs = 20

/** Of these SIGBREAK is Ctrl-Break on Windows; there SIGHUP is the closing of the console. */
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']

/** What Node.js calls requests that hold a thread until they are answered. */
const heldThreads: ReadonlySet<string> = new Set([
  'FSReqCallback',
  'FSReqPromise',
  'FileHandleCloseReq',
  'GetAddrInfoReqWrap',
  'GetNameInfoReqWrap',
])

const shell = '/bin/sh'

/** What may never end, since a thread of its own is in a call of the system. */
const mayNeverEnd = new Set<Promise<unknown>>()

/** Until it has ended, a call is under way, as far as the end of the process is concerned; it must not reject. */
export function mayHang(ending: Promise<unknown>): void {
  mayNeverEnd.add(ending)
  void ending.then(() => mayNeverEnd.delete(ending))
}

/** Listens to signals and brings about the end. */
export class ProcessEnd {
  readonly #stopping = new AbortController()
  #askedBy: NodeJS.Signals | undefined
  #isEnding = false

  constructor() {
    for (const signal of signals) process.on(signal, () => this.#asked(signal))
  }

  /** Aborts with the first signal. */
  get stop(): AbortSignal {
    return this.#stopping.signal
  }

  /** From now on SIGHUP does not ask for the end: the listener hears of it. */
  takeHangup(listener: () => void): void {
    process.removeAllListeners('SIGHUP')
    process.on('SIGHUP', listener)
  }

  /** All is done but what hangs, perhaps: the process ends as soon as its output is written. */
  done(): void {
    let pendingMs = 0
    // Keeps nothing alive: without a call that hangs the process has ended before.
    setInterval(() => {
      pendingMs = isCallPending() ? pendingMs + lookMs : 0
      const mostMs = this.#askedBy === undefined ? endedPatienceMs : askedPatienceMs
      if (pendingMs >= mostMs) this.#endOutside(Number(process.exitCode ?? ExitCode.ok))
    }, lookMs).unref()
  }

  /** Ends the process now. */
  now(code: number): void {
    if (this.#isEnding) return
    this.#isEnding = true
    process.exitCode = code
    // Whatever still goes on makes no more calls.
    this.#stopping.abort()
    // From here on a signal does what it does by itself.
    for (const signal of signals) process.removeAllListeners(signal)
    let pendingMs = 0
    const look = (): void => {
      if (!isCallPending()) process.exit(code)
      if (pendingMs >= patienceMs) this.#endOutside(code)
      pendingMs += lookMs
    }
    setInterval(look, lookMs)
    look()
  }

  #asked(signal: NodeJS.Signals): void {
    // What was not settled is delivered after the next start.
    if (this.#askedBy !== undefined) {
      this.now(ExitCode.unfinished)
      return
    }
    this.#askedBy = signal
    this.#stopping.abort()
    setTimeout(() => this.now(ExitCode.unfinished), stopLimitMs).unref()
  }

  #endOutside(code: number): void {
    for (const signal of signals) process.removeAllListeners(signal)
    process.stderr.write('A call of the system has not returned, as on a dead share; ended without it\n')
    const isWindows = process.platform === 'win32'
    const { execve } = process as { readonly execve?: Execve }
    if (execve !== undefined && !isWindows && existsSync(shell)) {
      execve.call(process, shell, ['sh', '-c', `exit ${code}`], {})
    }
    process.kill(process.pid, isWindows ? 'SIGKILL' : (this.#askedBy ?? 'SIGKILL'))
    // The first process of a container dies of no signal.
    process.abort()
  }
}

type Execve = (file: string, args: readonly string[], env: Readonly<Record<string, string>>) => void

/** True while a call is under way that a thread of the pool waits for. */
function isCallPending(): boolean {
  return mayNeverEnd.size > 0 || process.getActiveResourcesInfo().some((name) => heldThreads.has(name))
}
