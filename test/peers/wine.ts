/**
 * Windows, as wine is one: a drive C: of its own with Node.js for Windows on it. What is started there gets no standard
 * input and writes into files: wine makes nothing usable of a pipe of Linux.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describePeer } from './peer.ts'
import { mingwProgram, windowsNodeProgram, wineProgram } from './programs.ts'

const run = promisify(execFile)

/** How a program there ended, and all that it wrote. */
export interface WineEnded {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A drive C: and the programs on it. */
export class Wine {
  /** Drive C: as Linux sees it. */
  readonly drive: string
  readonly #env: NodeJS.ProcessEnv
  #outputs = 0

  private constructor(prefix: string) {
    this.drive = path.join(prefix, 'drive_c')
    this.#env = {
      ...process.env,
      WINEPREFIX: prefix,
      WINEARCH: 'win64',
      WINEDEBUG: '-all',
      // Nothing is asked or shown.
      WINEDLLOVERRIDES: 'mscoree,mshtml=',
      DISPLAY: '',
    }
  }

  static async open(): Promise<Wine> {
    const prefix = await mkdtemp(path.join(tmpdir(), 'msgtrk-wine-'))
    const wine = new Wine(prefix)
    const env = wine.#env
    await run('wineboot', ['--init'], { env })
    // Node.js refuses to run on the Windows 7 that wine is by itself.
    await run(wineProgram, ['winecfg', '-v', 'win10'], { env })
    await cp(windowsNodeProgram, wine.path('node.exe'))
    const packages = path.join(path.dirname(windowsNodeProgram), 'node_modules')
    if (existsSync(packages)) await cp(packages, wine.path('node_modules'), { recursive: true })
    const koffi = path.join(import.meta.dirname, '../../node_modules/koffi')
    await cp(koffi, wine.path('node_modules/koffi'), { recursive: true })
    return wine
  }

  /** A path on the drive as Linux sees it. */
  path(...names: readonly string[]): string {
    return path.join(this.drive, ...names)
  }

  /** Makes a program of a source in C, as `C:\NAME`. */
  async compile(source: string, name: string, ...args: readonly string[]): Promise<void> {
    await run(mingwProgram, [
      '-O2',
      '-s',
      '-municode',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      this.path(name),
      source,
      ...args,
    ])
  }

  /** Runs a program of Windows until it ends; `timeoutMs` is the longest that it may take. */
  async run(args: readonly string[], { timeoutMs = 100_000, env = {} } = {}): Promise<WineEnded> {
    const names = ['stdout', 'stderr'].map((name) => this.path(`${name}.${this.#outputs}`))
    this.#outputs++
    const files = await Promise.all(names.map((name) => open(name, 'w')))
    // Elsewhere than on C: a program could find the /proc of Linux.
    const child = spawn(wineProgram, args, {
      cwd: this.drive,
      env: { ...this.#env, ...env },
      stdio: ['ignore', ...files.map(({ fd }) => fd)],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    await Promise.all(files.map((file) => file.close()))
    const [stdout = '', stderr = ''] = await Promise.all(names.map((name) => readFile(name, 'utf8')))
    return { code, stdout, stderr }
  }

  /** As long as this process runs, what runs there goes on when nothing else does: services. */
  keepRunning(): void {
    const args = ['C:\\node.exe', '-e', 'setInterval(() => undefined, 60_000)']
    spawn(wineProgram, args, { cwd: this.drive, env: this.#env, stdio: 'ignore' }).unref()
  }

  /** Ends all that runs there and removes the drive. */
  async close(): Promise<void> {
    await run('wineserver', ['--kill'], { env: this.#env }).catch(() => undefined)
    await run('wineserver', ['--wait'], { env: this.#env, timeout: 20_000 }).catch(() => undefined)
    await rm(path.dirname(this.drive), { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Groups tests that need Windows. */
export function describeOnWindows(name: string, tests: () => void): void {
  describePeer(name, [wineProgram, mingwProgram, windowsNodeProgram], tests)
}
