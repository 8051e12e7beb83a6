/**
 * The real pipeline and real sockets against receivers that misbehave in a process of their own: everything
 * arrives at least once, in the order of its file, and little of it twice.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { runPipeline } from '../../src/deliver/pipeline.ts'
import type { DestinationOptions } from '../../src/destinations/options.ts'
import { createTcp } from '../../src/destinations/stream/tcp.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Chunk, Positions, Source } from '../../src/flow/chunk.ts'
import type { Destination } from '../../src/flow/delivery.ts'
import type { Log } from '../../src/flow/log.ts'
import { inTurn } from '../../src/transform/chunk-to-batch.ts'
import { countsOf } from '../support/batches.ts'
import { allThereInOrder, judge, type Verdict } from '../support/collector.ts'
import { Changes } from '../support/until.ts'
import { hostPortOf, settings } from '../unit/destinations/receiver.ts'

const script = fileURLToPath(new URL('../support/stubborn-receiver.mjs', import.meta.url))
const files = ['a', 'b']
const lineBytes = 200
const linesPerChunk = 100

/** One receiver after the other, on the same port, writing what they read into the same file. */
class Receivers {
  readonly changes = new Changes()
  readonly #file: string
  port = 0
  lines = 0
  stalled = false
  #child: ChildProcess | undefined

  constructor(file: string) {
    this.#file = file
  }

  async start(mode: string, bytes = 0): Promise<void> {
    const child = fork(script, [this.#file, String(this.port), mode, String(bytes)])
    this.#child = child
    this.port = 0
    child.on('message', (message: { port?: number; lines?: number; stalled?: true }) => {
      this.port = message.port ?? this.port
      this.lines = message.lines ?? this.lines
      this.stalled ||= message.stalled ?? false
      this.changes.happened()
    })
    await this.changes.until(
      () => 'the receiver listens',
      () => this.port > 0,
    )
  }

  stall(): Promise<void> {
    this.#child?.send('stall')
    return this.changes.until(
      () => 'the receiver stands still',
      () => this.stalled,
    )
  }

  /** With -9: nothing is said to the peers but what the kernel says. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  async frames(): Promise<string[]> {
    const text = await readFile(this.#file, 'latin1')
    return text.split('\n').slice(0, -1)
  }
}

/** Lines `FILE NUMBER xxx…`, by file. */
function linesOf(count: number): Map<string, string[]> {
  return new Map(
    files.map((file) => [
      file,
      Array.from({ length: count }, (_, row) => `${file} ${row} `.padEnd(lineBytes - 1, 'x')),
    ]),
  )
}

/** Two files that take turns, chunk by chunk. */
function sourceOf(lines: ReadonlyMap<string, readonly string[]>): Source {
  return {
    async *read(from: Positions, signal): AsyncIterable<Chunk> {
      const at = new Map(files.map((file) => [file, (from.get(file)?.offset ?? 0) / lineBytes]))
      let more = true
      while (more && !signal.aborted) {
        more = false
        for (const file of files) {
          const row = at.get(file) ?? 0
          const part = (lines.get(file) ?? []).slice(row, row + linesPerChunk)
          if (part.length === 0) continue
          more = true
          at.set(file, row + part.length)
          const bytes = Buffer.from(part.map((line) => `${line}\n`).join(''))
          const [start, end] = [row * lineBytes, row * lineBytes + bytes.length]
          const named = { id: file, source: 'test', path: file }
          yield { file: named, layout: null, header: -1, start, end, bytes, malformed: [] }
        }
      }
    },
  }
}

function asIs({ file, start, end, bytes }: Chunk): Batch {
  const events = bytes.length / lineBytes
  return {
    start,
    position: { fileId: file.id, offset: end, header: -1 },
    file,
    frames: bytes,
    ends: Uint32Array.from({ length: events }, (_, index) => (index + 1) * lineBytes),
    counts: countsOf(events),
    malformed: [],
  }
}

/** A pipeline on its way, and what its destination has taken in and settled. */
class Run {
  readonly receivers: Receivers
  readonly lines: Map<string, string[]>
  readonly said: string[] = []
  readonly changes = new Changes()
  readonly ended: Promise<unknown>
  taken = 0
  delivered = 0
  unavailable = 0

  constructor(receivers: Receivers, count: number, changes: Partial<DestinationOptions>) {
    this.receivers = receivers
    this.lines = linesOf(count)
    const say = (message: string) => void this.said.push(message)
    const log: Log = { debug() {}, info: say, warn: say, error: say }
    const options = settings(`tcp://127.0.0.1:${receivers.port}`, {
      confirm: 'close',
      turnAfterMs: 300,
      turnAfterBytes: 64 * 1024,
      closeTimeoutMs: 200,
      ...changes,
    })
    const stop = new AbortController()
    this.ended = runPipeline({
      name: 'test',
      source: sourceOf(this.lines),
      batches: inTurn((chunk) => [asIs(chunk)]),
      destination: this.#watch(createTcp(options, hostPortOf(options.to), log)),
      checkpoint: { load: async () => new Map(), save: async () => {} },
      deadLetters: { write: async () => {} },
      log,
      stop: stop.signal,
    })
    onTestFinished(async () => {
      stop.abort()
      await this.ended.catch(() => {})
    })
  }

  async verdict(): Promise<Verdict> {
    return judge(await this.receivers.frames(), this.lines)
  }

  #watch(destination: Destination): Destination {
    return {
      name: destination.name,
      send: async (batch) => {
        const sending = await destination.send(batch)
        this.taken += batch.counts.events
        this.changes.happened()
        void sending.outcome.then(({ status }) => {
          if (status === 'delivered') this.delivered += batch.counts.events
          else this.unavailable++
          this.changes.happened()
        })
        return sending
      },
      close: () => destination.close(),
    }
  }
}

async function receivers(mode: string, bytes = 0): Promise<Receivers> {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-close-'))
  const all = new Receivers(join(folder, 'lines'))
  onTestFinished(async () => {
    await all.kill()
    await rm(folder, { recursive: true })
  })
  await all.start(mode, bytes)
  return all
}

/** Stands still with unread data once it has read a part, for longer than it may take to close; then dies. */
async function stallAndKill(confirm: 'close' | 'write'): Promise<{ run: Run; verdict: Verdict }> {
  const peer = await receivers('stall', 300_000)
  const run = new Run(peer, 4000, { confirm })
  if (confirm === 'close') {
    await run.changes.until(
      () => 'something is proved',
      () => run.delivered > 0,
    )
    // Far longer than a peer may take to close that has never closed any. There is no event to wait for.
    await new Promise((resolve) => setTimeout(resolve, 1000))
  } else {
    await run.ended // All of it was written, which is all that it asks for.
  }
  await peer.kill()
  await peer.start('read')
  await run.ended
  return { run, verdict: await run.verdict() }
}

it('loses nothing to a receiver that stands still with unread data and is killed', async () => {
  const { run, verdict } = await stallAndKill('close')
  expect(verdict).toEqual({ ...allThereInOrder, repeated: verdict.repeated })
  expect(run.said.join('\n')).not.toMatch(/does not close connections/)
})

it('control: the same loses events when written counts as delivered', async () => {
  const { verdict } = await stallAndKill('write')
  expect(verdict.missing).toBeGreaterThan(0)
})

it.each(['reset', 'close'])(
  'loses nothing to a receiver that ends connections by %s, half read',
  async (mode) => {
    const peer = await receivers(mode, 50_000)
    const run = new Run(peer, 2000, {})
    expect(await run.ended).toBe('settled')
    const verdict = await run.verdict()
    expect(verdict).toEqual({ ...allThereInOrder, repeated: verdict.repeated })
    expect(run.unavailable).toBeGreaterThan(0)
  },
)

it('gets everything to a receiver that takes a byte at a time', async () => {
  const peer = await receivers('drip')
  const run = new Run(peer, 150, { closeTimeoutMs: 60_000 })
  expect(await run.ended).toBe('settled')
  expect(await run.verdict()).toEqual(allThereInOrder)
})

it('counts nothing that a receiver took in and never read', async () => {
  const peer = await receivers('deaf')
  const run = new Run(peer, 300, { closeTimeoutMs: 60_000 })
  await run.changes.until(
    () => 'as much is taken in as a connection carries',
    () => run.taken * lineBytes >= 64 * 1024,
  )
  expect(run.delivered).toBe(0)
  await peer.kill()
  await peer.start('read')
  expect(await run.ended).toBe('settled')
  expect(await run.verdict()).toEqual(allThereInOrder)
})

it('repeats nothing to a receiver that does as it should, and hands over many times', async () => {
  const peer = await receivers('read')
  const run = new Run(peer, 5000, { turnAfterMs: 100 })
  expect(await run.ended).toBe('settled')
  expect(await run.verdict()).toEqual(allThereInOrder)
})

it('goes on by time with a receiver that never closes, and says so once', async () => {
  const peer = await receivers('mute')
  const run = new Run(peer, 1000, {})
  expect(await run.ended).toBe('settled')
  expect(await run.verdict()).toEqual(allThereInOrder)
  expect(run.said.filter((message) => /does not close connections/.test(message))).toHaveLength(1)
})
