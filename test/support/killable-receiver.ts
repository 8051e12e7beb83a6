/** A receiver that can be killed at any moment and started again on the same port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Order, ReceiverSettings } from './receiver-process.ts'

const script = fileURLToPath(new URL('receiver-process.ts', import.meta.url))

export interface KillableOptions extends Pick<ReceiverSettings, 'port' | 'tls'> {
  /** Where its files go; made before. */
  readonly folder: string
  /** A command that starts it, such as `ip netns exec NAME`; none by default. */
  readonly through?: readonly string[]
}

/** How much it had written: in how many lives, and bytes in the last one. */
export interface Mark {
  readonly life: number
  readonly bytes: number
}

/** Each life has a file of its own, since a kill can leave a line half written. */
export class KillableReceiver {
  readonly #options: KillableOptions
  #child: ChildProcess | undefined
  #lives = 0

  constructor(options: KillableOptions) {
    this.#options = options
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const { folder, port, tls, through = [] } = this.#options
    this.#lives++
    const settings: ReceiverSettings = {
      port,
      tls,
      frames: this.#framesOf(this.#lives),
      cuts: join(folder, 'cuts'),
    }
    const node = [process.execPath, '--import', 'tsx', script, JSON.stringify(settings)]
    const [command = '', ...args] = [...through, ...node]
    const child = spawn(command, args, {
      // Where tsx is looked for.
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    child.on('error', () => {})
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the receiver ended at once')))
    ended.catch(() => {})
    await Promise.race([once(child, 'message'), ended])
  }

  /** Kills it where it stands. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Freezes it: the kernel goes on taking connections and bytes until its buffers are full. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  tell(order: Order): void {
    this.#child?.send(order)
  }

  async mark(): Promise<Mark> {
    const { size } = await stat(this.#framesOf(this.#lives))
    return { life: this.#lives, bytes: size }
  }

  /** The whole frames of each life, one character a byte. */
  async *lives(): AsyncGenerator<Iterable<string>> {
    for (let life = 1; life <= this.#lives; life++) yield linesIn(await readFile(this.#framesOf(life)))
  }

  /** What came of frames that were cut off by the end of a connection. */
  async cuts(): Promise<readonly string[]> {
    return [...linesIn(await readFile(join(this.#options.folder, 'cuts')))]
  }

  #framesOf(life: number): string {
    return join(this.#options.folder, `frames-${life}`)
  }
}

/** The complete lines, made one by one: all in one text may be more than a text can hold. */
function* linesIn(bytes: Buffer): Generator<string> {
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    yield bytes.toString('latin1', start, end)
    start = end + 1
  }
}
