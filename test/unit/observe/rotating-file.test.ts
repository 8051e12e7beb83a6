import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FileNews, filesOf, RotatingFile } from '../../../src/observe/rotating-file.ts'

/** Calls that fail with these codes. */
const refused = vi.hoisted(() => new Map<string, string>())
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const refusing =
    <Args extends readonly unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const code = refused.get(name)
      if (code !== undefined) throw Object.assign(new Error(code), { code })
      return call(...args)
    }
  return {
    ...real,
    copyFile: refusing('copyFile', real.copyFile),
    open: refusing('open', real.open),
    rename: refusing('rename', real.rename),
    truncate: refusing('truncate', real.truncate),
  }
})

let folder: string
let file: string
let news: FileNews[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-rotating-'))
  file = join(folder, 'msgtrk.log')
  news = []
})
afterEach(async () => {
  refused.clear()
  await rm(folder, { recursive: true })
})

function openFile({ maxBytes = 100, maxFiles = 1000 } = {}): RotatingFile {
  return new RotatingFile(file, { maxBytes, maxFiles }, (told) => news.push(told))
}

/** Each of its own, as lines that come one by one. */
async function write(stream: RotatingFile, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    await new Promise<void>((written) => stream.write(`line ${number}\n`, () => written()))
  }
}

async function end(stream: RotatingFile): Promise<void> {
  const finished = once(stream, 'finish')
  stream.end()
  await finished
}

/** The lines of all files, the oldest first. */
async function lines(): Promise<readonly string[]> {
  const files = [file, ...(await filesOf(file))].reverse()
  const texts = await Promise.all(files.map((each) => readFile(each, 'utf8')))
  return texts.flatMap((text) => text.split('\n').slice(0, -1))
}

function numbered(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}`)
}

test('what was written by a clock that was ahead goes before what came after it', async () => {
  for (const year of [2097, 2098])
    await writeFile(join(folder, `msgtrk-${year}1120T140001.037Z.log`), `of ${year}\n`)
  const stream = openFile({ maxBytes: 30, maxFiles: 3 })
  await write(stream, 0, 14)
  await end(stream)
  expect(await lines()).toEqual(numbered(0, 14))
})

test('all lines are in files of about the size that they may have, in order', async () => {
  const stream = openFile()
  await write(stream, 0, 200)
  await end(stream)
  expect(await lines()).toEqual(numbered(0, 200))
  const files = await filesOf(file)
  expect(files.length).toBeGreaterThan(10)
  for (const each of files) expect((await readFile(each)).length).toBeLessThan(110)
  expect(news).toEqual([])
})

test('a burst is written whole', async () => {
  const stream = openFile()
  for (const line of numbered(0, 500)) stream.write(`${line}\n`)
  await end(stream)
  expect(await lines()).toEqual(numbered(0, 500))
})

test('of older files as many are kept as there may be, those of before included', async () => {
  await writeFile(join(folder, 'msgtrk1.log'), 'a version before\n')
  await writeFile(join(folder, 'msgtrk2.log'), 'a version before\n')
  await writeFile(join(folder, 'msgtrk-notes.log'), 'of a person\n')
  const stream = openFile({ maxFiles: 3 })
  await write(stream, 0, 20)
  expect(await filesOf(file)).toEqual([
    expect.stringMatching(/msgtrk-\d{8}T\d{6}\.\d{3}Z\.log$/),
    join(folder, 'msgtrk1.log'),
  ])
  await write(stream, 20, 100)
  await end(stream)
  const kept = await lines()
  expect(kept).toEqual(numbered(100 - kept.length, 100))
  expect((await readdir(folder)).sort()).toEqual([
    expect.stringMatching(/-\d{8}T/),
    expect.stringMatching(/-\d{8}T/),
    'msgtrk-notes.log',
    'msgtrk.log',
  ])
})

test('a file that is held against being moved is copied, and cut off in place', async () => {
  refused.set('rename', 'EBUSY')
  const stream = openFile()
  await write(stream, 0, 30)
  await end(stream)
  expect(await lines()).toEqual(numbered(0, 30))
  expect((await filesOf(file)).length).toBeGreaterThan(1)
  expect(news).toEqual([])
})

test.each(['copyFile', 'truncate'])(
  'one for which %s fails, too, grows, which is said once, and is over',
  async (call) => {
    refused.set('rename', 'EBUSY')
    refused.set(call, 'EBUSY')
    const stream = openFile()
    await write(stream, 0, 18)
    expect(await filesOf(file)).toEqual([])
    expect(await lines()).toEqual(numbered(0, 18))
    expect(news).toEqual([{ is: 'growing', error: expect.any(Error) }])
    refused.clear()
    await write(stream, 18, 40)
    await end(stream)
    expect(await lines()).toEqual(numbered(0, 40))
    expect((await filesOf(file)).length).toBeGreaterThan(0)
    expect(news.slice(1)).toEqual([{ is: 'rotated again' }])
  },
)

test('lines that can not be written are counted', async () => {
  const stream = openFile()
  refused.set('open', 'EACCES')
  await write(stream, 0, 5)
  expect(news).toEqual([{ is: 'losing', error: expect.any(Error) }])
  refused.clear()
  await write(stream, 5, 8)
  await end(stream)
  expect(news.slice(1)).toEqual([{ is: 'written again', lostLines: 5 }])
  expect(await lines()).toEqual(numbered(5, 8))
})

test('a file that somebody moves away or removes is made again', async () => {
  const stream = openFile({ maxBytes: 10_000 })
  await write(stream, 0, 3)
  await rename(file, join(folder, 'taken.log'))
  await write(stream, 3, 6)
  await rm(file)
  await write(stream, 6, 9)
  await end(stream)
  expect(await readFile(join(folder, 'taken.log'), 'utf8')).toBe('line 0\nline 1\nline 2\n')
  expect(await lines()).toEqual(numbered(6, 9))
})
