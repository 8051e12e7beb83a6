import { expect, it, onTestFinished } from 'vitest'
import type { LogFile } from '../../../../src/flow/chunk.ts'
import { ChunkCutter } from '../../../../src/tail/bytes/chunk-cutter.ts'
import { type Cursor, cursorAt } from '../../../../src/tail/bytes/cut.ts'
import type { ByteInput } from '../../../../src/tail/bytes/input.ts'
import { date, header, row } from '../logs.ts'

const limits = { chunkBytes: 256, maxLineBytes: 1000 }
let folders = 0

/** A file in a folder of its own, which several have open, and the positions at which it was read. */
function readable(rows: number) {
  const path = `/logs/${++folders}/a.log`
  const file: LogFile = { id: 'a', source: 'EX01', path }
  let text = header(date) + Array.from({ length: rows }, (_, index) => row(index, `a${index}`)).join('')
  const reads: number[] = []
  const failures: Error[] = []
  const open = (node: string | null): ByteInput => ({
    isFile: true,
    node: node ?? undefined,
    read: async (target, position) => {
      reads.push(position)
      await Promise.resolve()
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      return target.write(text.slice(position), 'latin1')
    },
  })
  return {
    file,
    reads,
    failures,
    get text() {
      return text
    },
    change: (changed: (before: string) => string) => {
      text = changed(text)
    },
    /** One more reader; `node`: which file the system says that it has open. */
    reader: (node: string | null = '1:7', its = file) => {
      const reader = new Reader(open(node), its)
      onTestFinished(() => reader.cutter.end())
      return reader
    },
  }
}

class Reader {
  readonly cutter = new ChunkCutter(limits)
  readonly #input: ByteInput
  readonly #file: LogFile
  cursor: Cursor = cursorAt()
  /** Its chunks: what they were when they came. */
  read = ''
  /** The last one. */
  bytes: Buffer = Buffer.alloc(0)
  number: number | undefined

  constructor(input: ByteInput, file: LogFile) {
    this.#input = input
    this.#file = file
  }

  /** So many chunks more; false at the end. */
  async take(chunks = 1): Promise<boolean> {
    for (let left = chunks; left > 0; left--) {
      const { chunk, isAtEnd } = await this.cutter.next(this.#input, this.#file, this.cursor, false)
      expect(chunk?.file ?? this.#file).toBe(this.#file)
      this.bytes = chunk?.bytes ?? Buffer.alloc(0)
      this.number = chunk?.read
      this.read += this.bytes.toString('latin1')
      if (isAtEnd) return false
    }
    return true
  }
}

it('reads once for those who keep pace, whoever is ahead, and finds the lines once', async () => {
  const log = readable(100)
  const alone = log.reader(null)
  while (await alone.take());
  alone.cutter.end()
  const [a, b, c] = [log.reader(), log.reader(), log.reader()]
  const once = log.reads.splice(0)
  for (const each of [a, b, c]) await each.take()
  log.reads.length = 0
  const shared: number[] = []
  for (let turn = 0; ; turn++) {
    const order = turn % 2 === 0 ? [a, b, c] : [c, a, b]
    // All at once: they wait for the same read.
    const goOn = await Promise.all(order.map((each) => each.take()))
    if (goOn.includes(false)) break
    if (a.number !== undefined) shared.push(new Set([a, b, c].map(({ bytes }) => bytes.buffer)).size)
  }
  expect(new Set(shared)).toEqual(new Set([1]))
  for (const each of [a, b, c]) {
    expect(each.read).toBe(alone.read)
    expect(each.cursor).toEqual(alone.cursor)
  }
  // The end is for each to find out.
  const last = once.at(-1) as number
  expect(log.reads.filter((position) => position !== last)).toEqual(once.slice(1, -1))
})

it('lets each be on its own that falls behind, and read nothing again once it is back', async () => {
  const log = readable(400)
  const [fast, slow] = [log.reader(), log.reader()]
  await Promise.all([fast.take(2), slow.take(2)])
  const held = Buffer.from(slow.bytes)
  await fast.take(30)
  // What it has nobody reads into, however far the other one is.
  expect(slow.bytes).toEqual(held)
  const before = log.reads.length
  await slow.take(4)
  expect(log.reads.length).toBeGreaterThan(before)
  const ownReads = log.reads.length
  slow.cursor = { ...fast.cursor }
  await fast.take(2)
  await slow.take(2)
  expect(slow.bytes.buffer).toBe(fast.bytes.buffer)
  expect(log.reads.length - ownReads).toBeLessThan(3)
})

it.each([
  ['another file is open under the name', '1:8', {}],
  ['the system does not tell files apart', null, {}],
  ['it is known as another file', '1:7', { id: 'b' }],
  ['it has another name', '1:7', { path: '/logs/b.log' }],
] as const)('shares nothing where %s', async (_, node, other) => {
  const log = readable(100)
  const one = log.reader()
  const two = log.reader(node, { ...log.file, ...other })
  for (const each of [one, two]) await each.take(3)
  expect(two.bytes).toEqual(one.bytes)
  expect(two.bytes.buffer).not.toBe(one.bytes.buffer)
  expect(two.number).not.toBe(one.number)
})

it('gives nobody what was read before somebody found the file changed', async () => {
  const log = readable(100)
  const [one, two] = [log.reader(), log.reader()]
  await one.take(3)
  await two.take()
  log.change((text) => text.replaceAll(',a', ',b'))
  one.cutter.forget(log.file.path)
  await two.take()
  expect(two.bytes.toString()).toContain(',b')
  expect(two.bytes.toString()).not.toContain(',a')
})

it('leaves a read that fails to who asked for it, and lets the others try', async () => {
  const log = readable(100)
  const [one, two] = [log.reader(), log.reader()]
  for (const each of [one, two]) await each.take()
  log.failures.push(new Error('it does not answer'))
  const [failed, done] = await Promise.allSettled([one.take(), two.take()])
  expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'it does not answer' } })
  expect(done.status).toBe('fulfilled')
  await one.take()
  expect(one.read).toBe(two.read)
})

it('reads into nothing that was passed on by who has ended', async () => {
  const log = readable(200)
  const [one, two] = [log.reader(), log.reader()]
  for (const each of [one, two]) await each.take(2)
  const { bytes } = two
  const held = Buffer.from(bytes)
  two.cutter.end()
  await one.take(40)
  expect(bytes).toEqual(held)
})

it('has no more memory than readers can have, and two reads', async () => {
  const log = readable(400)
  const readers = [log.reader(), log.reader(), log.reader()]
  const memory = new Set<ArrayBufferLike>()
  for (let turn = 0; turn < 60; turn++) {
    // At paces of their own.
    for (const [index, each] of readers.entries()) {
      if (turn % (index + 1) !== 0) continue
      await each.take()
      if (each.number !== undefined) memory.add(each.bytes.buffer)
    }
  }
  expect(memory.size).toBe(5)
})
