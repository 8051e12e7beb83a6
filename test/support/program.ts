/** The real program as a child process, in a folder of its own that is gone after the test. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ask } from '../../src/control/client.ts'
import { type SimulationOptions, simulate } from '../../src/simulate/simulator.ts'
import type { InstanceStatus } from '../../src/status/snapshot.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { Collector, type CollectorOptions } from './collector.ts'
import { Changes } from './until.ts'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** What a test's context offers to put things away. */
type OnTestFinished = (put: () => Promise<void>) => void

/** One line of the program's own log. */
export interface LogLine {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

/** How a program ended, and all it wrote. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** How a program is started, beyond its arguments. */
export interface StartOptions {
  /** Of Node, such as `--import`. */
  readonly nodeArgs?: readonly string[]
  /** A command that starts it in place of itself, with its arguments, such as `ip netns exec NAME`. */
  readonly through?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** An executable in place of Node.js and the built program. */
  readonly executable?: string
}

/** A program that runs, or ran. */
export class Program {
  readonly pid: number
  /** Resolves when it has ended and all its output is here. */
  readonly ended: Promise<Ended>
  readonly child: ChildProcess
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #changes = new Changes()
  #result: Ended | undefined

  constructor(
    args: readonly string[],
    folder: string,
    input: 'pipe' | 'ignore',
    { nodeArgs = [], through = [], env = {}, executable }: StartOptions = {},
  ) {
    const itself = executable === undefined ? [process.execPath, ...nodeArgs, main] : [executable]
    const [command = '', ...rest] = [...through, ...itself, ...args]
    this.child = spawn(command, rest, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: [input, 'pipe', 'pipe'],
    })
    this.pid = this.child.pid ?? -1
    this.child.stdout?.on('data', (bytes: Buffer) => {
      this.#stdout.push(bytes)
      this.#changes.happened()
    })
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr.push(bytes)
      this.#changes.happened()
    })
    // What is still to be written to a program that has ended is of no interest.
    this.child.stdin?.on('error', () => {})
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject)
      this.child.on('close', (code, signal) => {
        this.#result = { code, signal, stdout: Buffer.concat(this.#stdout), stderr: this.stderr }
        resolve(this.#result)
        this.#changes.happened()
      })
    })
  }

  /** Standard error so far. */
  get stderr(): string {
    return Buffer.concat(this.#stderr).toString()
  }

  /** Standard output so far. */
  get stdout(): string {
    return Buffer.concat(this.#stdout).toString()
  }

  /** The own log so far: the lines of standard error that are JSON. */
  get log(): readonly LogLine[] {
    const lines = this.stderr.split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{')).map((line): LogLine => JSON.parse(line))
  }

  /** Waits until the condition holds; it is looked at whenever the program writes. Fails when it ends before. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const over = () => this.#result !== undefined
    await this.#changes.until(
      () => `${what}\n${this.stderr}`,
      () => condition() || over(),
    )
    if (!condition()) throw new Error(`ended before: ${what}\n${this.stderr}`)
  }

  /** Waits for a line of its log whose message begins so. */
  async logged(message: string): Promise<LogLine> {
    const find = () => this.log.find((line) => line.message.startsWith(message))
    await this.until(`log line "${message}"`, () => find() !== undefined)
    return find() as LogLine
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal)
    return this.ended
  }
}

/** A folder, and the programs and receivers that work in it. All are gone when the test has finished. */
export class Workplace {
  readonly folder: string
  readonly #programs: Program[] = []
  readonly #collectors: Collector[] = []
  readonly #simulations: Promise<unknown>[] = []
  readonly #end = new AbortController()

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(onTestFinished: OnTestFinished): Promise<Workplace> {
    const place = new Workplace(await mkdtemp(join(tmpdir(), 'msgtrk-program-')))
    onTestFinished(() => place.#close())
    return place
  }

  /** Starts the program in the folder. */
  start(...args: readonly string[]): Program {
    return this.#add(new Program(args, this.folder, 'ignore'))
  }

  /** Starts the program in the folder, in a way of its own. */
  startWith(options: StartOptions, ...args: readonly string[]): Program {
    return this.#add(new Program(args, this.folder, 'ignore', options))
  }

  /** Starts the program with a standard input that stays open until the test ends it. */
  startWithInput(...args: readonly string[]): Program {
    return this.#add(new Program(args, this.folder, 'pipe'))
  }

  /** The same, started in a way of its own. */
  startWithInputIn(options: StartOptions, ...args: readonly string[]): Program {
    return this.#add(new Program(args, this.folder, 'pipe', options))
  }

  /** Runs the program to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended
  }

  /** Runs the program to its end with `input` as its standard input. */
  runOn(input: Uint8Array, ...args: readonly string[]): Promise<Ended> {
    const program = this.startWithInput(...args)
    program.child.stdin?.end(input)
    return program.ended
  }

  /** Starts a receiver. */
  async collect(options: CollectorOptions = {}): Promise<Collector> {
    const collector = await Collector.listen(options)
    this.#collectors.push(collector)
    return collector
  }

  /** Resolves once the instance on this state folder has read a record. */
  async hasRead(state: string): Promise<void> {
    for (;;) {
      const { destinations } = await this.status(state)
      if (destinations.some(({ counts }) => counts.read > 0)) return
      // It tells the same for a second: asking without a pause would only take its time.
      await delay(20)
    }
  }

  /** What the instance on this state folder tells of itself. */
  async status(state: string): Promise<InstanceStatus> {
    return (await ask({ state: this.path(state), method: 'GET', path: '/status' })) as InstanceStatus
  }

  /** Path of `name` in the folder. */
  path(...name: readonly string[]): string {
    return join(this.folder, ...name)
  }

  /** Writes a file, its folder made if need be; returns its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = this.path(name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }

  /** Copies a fixture to `name`; returns its bytes. */
  async fixture(fixture: string, name = basename(fixture)): Promise<Buffer> {
    const bytes = await readFile(join(fixtures, fixture))
    await this.write(name, bytes)
    return bytes
  }

  /** Writes logs of so many rows into a folder as the command `simulate` does, without a process of its own. */
  async simulate(into: string, events: number, more: Partial<SimulationOptions> = {}): Promise<void> {
    const signal = AbortSignal.any([this.#end.signal, ...(more.signal === undefined ? [] : [more.signal])])
    const end = simulate({ version: '2016', seed: 1, ...more, into: this.path(into), events, signal })
    this.#simulations.push(end)
    await end
  }

  /** The frames that the logs of a folder stand for, by file, as `convert --syslog rfc3164` makes them. */
  async expectedFrames(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const names = (await readdir(this.path(folder))).filter((name) => /^MSGTRK.*\.LOG$/i.test(name))
    const files = names.map((name) => join(folder, name))
    const transform = createEventTransform({
      mapping: 'auto',
      cefVersion: 0,
      additionalData: 'arcsight',
      unicodeControls: 'breaks',
      syslog: { header: 'rfc3164', time: 'event', zone: 'utc', facility: 'local0' },
      framing: 'lf',
      maxMessageBytes: 2 ** 32 - 1,
    })
    const byFile = new Map<string, readonly string[]>()
    for (const file of files) {
      let text = ''
      for await (const chunk of fileChunks(this.path(file))) {
        for (const { frames } of transform(chunk)) text += Buffer.from(frames).toString('latin1')
      }
      const frames = text.split('\n').slice(0, -1)
      const rows = rowsIn(await readFile(this.path(file)))
      if (frames.length !== rows) throw new Error(`${file}: ${rows} rows make ${frames.length} frames`)
      byFile.set(file, frames)
    }
    return byFile
  }

  #add(program: Program): Program {
    this.#programs.push(program)
    return program
  }

  async #close(): Promise<void> {
    this.#end.abort()
    for (const { child } of this.#programs) child.kill('SIGKILL')
    await Promise.allSettled(this.#simulations)
    await Promise.all(this.#programs.map(({ ended }) => ended))
    await Promise.all(this.#collectors.map((collector) => collector.close()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** How many whole rows stand in the bytes of a log. */
export function rowsIn(log: Buffer): number {
  const lines = log.toString('latin1').split('\n').slice(0, -1)
  return lines.filter((line) => /^\d/.test(line)).length
}

/** Names of all fixture logs. */
export async function fixtureLogs(): Promise<readonly string[]> {
  return (await readdir(fixtures)).filter((name) => name.endsWith('.log')).sort()
}

/** The number behind `name` in a summary line such as `files 1, records 5`; NaN without one. */
export function figure(summary: string, name: string): number {
  return Number(new RegExp(`(?:^|, )${name} ([\\d.]+)`, 'm').exec(summary)?.[1])
}
