import { expect, it } from 'vitest'
import type { LogFile } from '../../../../src/flow/chunk.ts'
import { ChunkCutter } from '../../../../src/tail/bytes/chunk-cutter.ts'
import { cursorAt } from '../../../../src/tail/bytes/cut.ts'
import type { ByteInput } from '../../../../src/tail/bytes/input.ts'
import { date, header, row } from '../logs.ts'

const file: LogFile = { id: 'a', source: 'EX01', path: '/a.log' }

/** A growing file in memory, which notes how many bytes were read. */
function growing(): ByteInput & { append(text: string): void; bytesRead: number } {
  let content = Buffer.alloc(0)
  return {
    bytesRead: 0,
    append(text) {
      content = Buffer.concat([content, Buffer.from(text)])
    },
    async read(target, position) {
      const length = content.copy(target, 0, Math.min(position, content.length))
      this.bytesRead += length
      return length
    },
  }
}

it('waits for the end of a line and of a header block', async () => {
  const input = growing()
  const cutter = new ChunkCutter({ chunkBytes: 64, maxLineBytes: 1000 })
  const cursor = cursorAt()
  const next = async () => {
    const { chunk, isAtEnd } = await cutter.next(input, file, cursor, false)
    return [chunk?.bytes.toString(), isAtEnd]
  }
  const block = header(date)
  for (const part of ['', block.slice(0, 20), block.slice(20, -2), '\r\n', row(1, 'a').slice(0, 30)]) {
    input.append(part)
    expect(await next()).toEqual([undefined, true])
  }
  input.append(row(1, 'a').slice(30))
  expect(await next()).toEqual([row(1, 'a'), true])
  expect(cursor).toMatchObject({ header: 0, offset: block.length + row(1, 'a').length })
})

it('reads a half line over the limit only once, and passes it on once it ends', async () => {
  const input = growing()
  const cutter = new ChunkCutter({ chunkBytes: 1000, maxLineBytes: 10_000 })
  const cursor = cursorAt()
  input.append('x'.repeat(1_000_000))
  expect((await cutter.next(input, file, cursor, false)).chunk).toBeNull()
  input.bytesRead = 0
  input.append('x')
  expect((await cutter.next(input, file, cursor, false)).chunk).toBeNull()
  expect(input.bytesRead).toBeLessThan(10_000)
  input.append(`\n${row(1, 'a')}`)
  const { chunk } = await cutter.next(input, file, cursor, false)
  expect(chunk).toMatchObject({ start: 0, end: 1_000_002 })
  expect(chunk?.malformed.map((each) => each.line.length)).toEqual([4096])
  expect((await cutter.next(input, file, cursor, false)).chunk?.bytes.toString()).toBe(row(1, 'a'))
})

it('reads ahead where a file goes on, as often as that saves a read, and to its end as it then is', async () => {
  let reads = 0
  const content = growing()
  const input: ByteInput = {
    isFile: true,
    read(target, position) {
      reads++
      return content.read(target, position)
    },
  }
  const cutter = new ChunkCutter({ chunkBytes: 256, maxLineBytes: 1000 })
  const cursor = cursorAt()
  const texts = Array.from({ length: 40 }, (_, index) => row(index, `a${index}`))
  content.append(header(date) + texts.join(''))
  const read: string[] = []
  const readFor: boolean[] = []
  const next = async () => {
    const { chunk, isAtEnd } = await cutter.next(input, file, cursor, false)
    read.push(chunk?.bytes.toString() ?? '')
    readFor.push(cutter.hasRead)
    return isAtEnd
  }
  for (let index = 0; index < 6; index++) expect(await next()).toBe(false)
  expect(readFor).toEqual([true, true, false, false, false, true])
  expect(reads).toBe(3)
  // What was read ahead may be of another file by now.
  cutter.forget(file.path)
  await next()
  expect(readFor.at(-1)).toBe(true)
  content.append(row(40, 'a40'))
  while (!(await next()));
  expect(read.join('')).toBe([...texts, row(40, 'a40')].join(''))
  // Two files in turn: what is behind the chunk would be read again each time.
  const other = cursorAt()
  const before = reads
  await cutter.next(input, file, other, false)
  await cutter.next({ ...input }, file, cursorAt(), false)
  await cutter.next(input, file, other, false)
  expect(reads - before).toBe(3)
  cutter.end()
})

it('cuts larger chunks of a file that goes on, and reads it again to its end', async () => {
  const input = { ...growing(), isFile: true as const }
  const cutter = new ChunkCutter({ chunkBytes: 256, aheadBytes: 512, maxLineBytes: 1000 })
  const cursor = cursorAt()
  const texts = Array.from({ length: 80 }, (_, index) => row(index, `a${index}`))
  input.append(header(date) + texts.join(''))
  const read: string[] = []
  for (let isAtEnd = false; !isAtEnd; ) {
    const cut = await cutter.next(input, file, cursor, false)
    read.push(cut.chunk?.bytes.toString() ?? '')
    isAtEnd = cut.isAtEnd
  }
  expect(read.join('')).toBe(texts.join(''))
  expect(read.map(({ length }) => length > 256 && length <= 512).slice(0, 4)).toEqual([
    false,
    true,
    true,
    true,
  ])
  cutter.end()
})

it('cuts at the same places however many read the folder at a time, and as usual where too many folders are read', async () => {
  const input = { ...growing(), isFile: true as const }
  input.append(header(date) + Array.from({ length: 80 }, (_, index) => row(index, `a${index}`)).join(''))
  const readers = [1, 2, 3, 4, 5, 6, 7].map(() => ({
    cutter: new ChunkCutter({ chunkBytes: 256, aheadBytes: 512, maxLineBytes: 1000 }),
    cursor: cursorAt(),
    ends: [] as number[],
  }))
  const readOn = async ({ cutter, cursor, ends }: (typeof readers)[number], from = file) => {
    const cut = await cutter.next(input, from, cursor, false)
    if (cut.chunk !== null) ends.push(cut.chunk.end)
    return cut.isAtEnd
  }
  for (let isAtEnd = false; !isAtEnd; ) {
    for (const reader of readers) isAtEnd = await readOn(reader)
  }
  const [first, ...others] = readers.map(({ ends }) => ends)
  for (const ends of others) expect(ends).toEqual(first)

  // A reader of each of three folders more, and no other one.
  const elsewhere = [1, 2, 3, 4].map((number) => ({ ...file, path: `/elsewhere/${number}/MSGTRK.LOG` }))
  const longest = async (at: number) => {
    const cutter = new ChunkCutter({ chunkBytes: 256, aheadBytes: 512, maxLineBytes: 1000 })
    const reader = { cutter, cursor: cursorAt(), ends: [] as number[] }
    for (let read = 0; read < 3; read++) await readOn(reader, elsewhere[at])
    const lengths = reader.ends.slice(1).map((end, index) => end - (reader.ends[index] ?? 0))
    return { cutter, isLarger: Math.max(...lengths) > 256 }
  }
  const more = [await longest(0), await longest(1), await longest(2), await longest(3)]
  expect(more.map(({ isLarger }) => isLarger)).toEqual([true, true, true, false])
  for (const { cutter } of [...readers, ...more]) cutter.end()
  const again = await longest(3)
  expect(again.isLarger).toBe(true)
  again.cutter.end()
})
