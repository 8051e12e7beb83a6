import { appendFile, type FileHandle, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDeadLetters, writeUntilDone } from '../../../src/deliver/dead-letters.ts'
import { MemoryDeadLetters, malformed } from './doubles.ts'

/** Whether another program holds files against being renamed. */
const held = vi.hoisted(() => ({ is: false }))
/** How many bytes the file had whenever it was put on disk. */
const synced = vi.hoisted(() => [] as number[])
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  async function open(...args: Parameters<typeof real.open>): Promise<FileHandle> {
    const handle = await real.open(...args)
    const sync = handle.sync.bind(handle)
    handle.sync = async () => {
      synced.push((await handle.stat()).size)
      await sync()
    }
    return handle
  }
  async function rename(from: string, to: string): Promise<void> {
    if (held.is) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' })
    await real.rename(from, to)
  }
  return { ...real, open, rename }
})

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-letters-'))
  path = join(folder, 'dead-letters.jsonl')
})
afterEach(() => rm(folder, { recursive: true }))

async function lines(): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('bounded dead letters', () => {
  /** Each letter is a line of so many bytes. */
  const lineBytes =
    `${JSON.stringify({ time: new Date().toISOString(), file: '/logs/a.LOG', offset: 10, reason: 'too few columns', line: 'line 10' })}\n`
      .length

  test('never take more than they may, and tell how many lines fell out, the oldest first', async () => {
    const maxBytes = 10 * 3 * lineBytes
    let fellOut = 0
    const deadLetters = createDeadLetters(path, {
      maxBytes,
      events: { lettersDropped: (count) => (fellOut += count) },
    })
    for (let offset = 10; offset < 99; offset++) {
      await deadLetters.write([malformed(offset)])
      const sizes = await Promise.all(
        (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
      )
      expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(maxBytes)
    }
    const names = Array.from({ length: 10 }, (_, number) => `dead-letters${number === 0 ? '' : number}.jsonl`)
    expect((await readdir(folder)).sort()).toEqual([...names].sort())
    const kept: number[] = []
    for (const name of names.reverse()) {
      const text = await readFile(join(folder, name), 'utf8')
      kept.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line): number => JSON.parse(line).offset),
      )
    }
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 99 - kept.length + index))
    expect(fellOut).toBe(89 - kept.length)
    expect(fellOut).toBeGreaterThan(0)
  })

  test('go into the newest file while that is held, up to what all may take, and are moved on when it is free', async () => {
    const deadLetters = createDeadLetters(path, { maxBytes: 10 * lineBytes })
    const write = (number: number) => deadLetters.write([malformed(number)])
    held.is = true
    onTestFinished(() => {
      held.is = false
    })
    for (let number = 10; number < 14; number++) await write(number)
    expect((await lines()).map(({ offset }) => offset)).toEqual([10, 11, 12, 13])
    for (let number = 14; number < 20; number++) await write(number)
    await expect(write(20)).rejects.toThrow('EBUSY')
    held.is = false
    await write(20)
    expect((await lines()).map(({ offset }) => offset)).toEqual([20])
    expect(await readdir(folder)).toHaveLength(2)
  })

  test('fill a gap that somebody made by removing files before any falls out', async () => {
    let fellOut = 0
    const deadLetters = createDeadLetters(path, {
      maxBytes: 10 * lineBytes,
      events: { lettersDropped: (count) => (fellOut += count) },
    })
    for (let offset = 10; offset < 20; offset++) await deadLetters.write([malformed(offset)])
    await rm(join(folder, 'dead-letters4.jsonl'))
    await deadLetters.write([malformed(20)])
    expect(fellOut).toBe(0)
    expect(await readdir(folder)).toHaveLength(10)
  })

  test('a single letter that is larger is kept all the same', async () => {
    const deadLetters = createDeadLetters(path, { maxBytes: 100 })
    await deadLetters.write([malformed(10)])
    await deadLetters.write([malformed(11)])
    expect((await lines()).map(({ offset }) => offset)).toEqual([11])
  })
})

describe('createDeadLetters', () => {
  test('appends one object a line', async () => {
    await createDeadLetters(path).write([malformed(0), malformed(40)])
    await createDeadLetters(path).write([malformed(90)])
    const [first, ...rest] = await lines()
    expect(first).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      file: '/logs/a.LOG',
      offset: 0,
      reason: 'too few columns',
      line: 'line 0',
    })
    expect(rest.map(({ offset }) => offset)).toEqual([40, 90])
  })

  test.skipIf(process.platform === 'win32')('is readable for its owner only', async () => {
    await createDeadLetters(path).write([malformed(0)])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('resolves when the lines are on disk', async () => {
    await createDeadLetters(path).write([malformed(0)])
    expect(synced.at(-1)).toBe((await stat(path)).size)
  })

  test('keeps what is not UTF-8 byte for byte', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x00, 0x62])
    await createDeadLetters(path).write([{ ...malformed(0), line: bytes }])
    const [letter] = await lines()
    expect(letter).not.toHaveProperty('line')
    expect(Buffer.from(String(letter?.lineBase64), 'base64')).toEqual(bytes)
  })

  test('keeps lines of any length whole, also such as take three bytes a character', async () => {
    const line = '€'.repeat(100_000)
    await createDeadLetters(path).write([
      malformed(0),
      { ...malformed(1), line: Buffer.from(line) },
      malformed(2),
    ])
    expect((await lines()).map((letter) => letter.line === line || letter.line)).toEqual([
      'line 0',
      true,
      'line 2',
    ])
  })

  test('withholds lines, and says so, where values are protected', async () => {
    const deadLetters = createDeadLetters(path, { withholdsLines: true })
    await deadLetters.write([malformed(7), { ...malformed(0), line: Buffer.from([0xff, 0xfe]) }])
    const [first, second] = await lines()
    expect(first).toEqual({
      time: expect.any(String),
      file: '/logs/a.LOG',
      offset: 7,
      reason: 'too few columns',
      withheldBytes: 6,
    })
    expect(Object.keys(second ?? {})).toEqual(['time', 'file', 'offset', 'reason', 'withheldBytes'])
  })

  test('no line breaks out of its object or into a terminal', async () => {
    const line = 'a"b\\c\r\n{"x":1}\u001b[2J\u007f\u009b31m\u2028\u202e\u2066\u200f\ufeffé'
    await createDeadLetters(path).write([{ ...malformed(0), line: Buffer.from(line) }])
    expect((await lines()).map((letter) => letter.line)).toEqual([line])
    const written = await readFile(path, 'utf8')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(written).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066\u200f\ufeff]/)
  })

  test('starts on a line of its own after a write that was cut short', async () => {
    const letters = createDeadLetters(path)
    await letters.write([malformed(0)])
    await appendFile(path, '{"time":"20')
    await letters.write([malformed(7)])
    const text = (await readFile(path, 'utf8')).split('\n')
    expect(text[1]).toBe('{"time":"20')
    expect(JSON.parse(text[2] ?? '')).toMatchObject({ offset: 7 })
  })

  test('writes at the same time do not mix', async () => {
    const letters = createDeadLetters(path)
    await Promise.all(Array.from({ length: 20 }, (_, index) => letters.write([malformed(index)])))
    expect((await lines()).map(({ offset }) => offset)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  test('rejects when the disk does, and works again afterwards', async () => {
    path = join(folder, 'later', 'letters')
    const letters = createDeadLetters(path)
    await expect(letters.write([malformed(0)])).rejects.toThrow('ENOENT')
    await mkdir(join(folder, 'later'))
    await letters.write([malformed(1)])
    expect((await lines()).map(({ offset }) => offset)).toEqual([1])
  })
})

describe('writeUntilDone', () => {
  test('gives up only when told, and tells of each try', async () => {
    const letters = new MemoryDeadLetters()
    const told: (string | null)[] = []
    const tell = (failure: string | null) => void told.push(failure)
    letters.failing = new Error('ENOSPC')
    expect(await writeUntilDone(letters, [malformed(0)], tell, AbortSignal.abort())).toBe(false)
    expect(await writeUntilDone(letters, [malformed(0)], tell, AbortSignal.abort())).toBe(false)
    letters.failing = undefined
    expect(await writeUntilDone(letters, [malformed(0)], tell, AbortSignal.abort())).toBe(true)
    expect(letters.letters).toHaveLength(1)
    expect(told).toEqual(['ENOSPC', 'ENOSPC', null])
  })
})
