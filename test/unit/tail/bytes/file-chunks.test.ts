import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { type FileChunksOptions, fileChunks, streamChunks } from '../../../../src/tail/bytes/file-chunks.ts'
import { all, date, header, type Read, row, temporaryFolder, texts } from '../logs.ts'

const mark = '\uFEFF'

async function written(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'a.log')
  await writeFile(path, text)
  return path
}

async function read(text: string, options?: FileChunksOptions): Promise<Read[]> {
  return all(fileChunks(await written(text), options))
}

describe('fileChunks', () => {
  it('gives rows under their header, with the offsets of both', async () => {
    const block = mark + header(date)
    const [chunk, ...more] = await read(block + row(1, 'a') + row(2, 'b'))
    expect(more).toEqual([])
    expect(chunk).toMatchObject({
      header: 0,
      start: Buffer.byteLength(block),
      text: row(1, 'a') + row(2, 'b'),
    })
    expect(chunk?.end).toBe(Buffer.byteLength(block) + chunk!.text.length)
    expect(Buffer.from(chunk?.layout?.header ?? []).toString()).toBe(block)
  })

  it('passes a byte order mark before a row, and has no layout without a header', async () => {
    const [chunk] = await read(mark + row(1, 'a'))
    expect(chunk).toMatchObject({ header: -1, layout: null, start: 3, text: row(1, 'a') })
  })

  it.each(['', mark])('ends a chunk before a header in the middle (marked %j)', async (sign) => {
    const first = header(date) + row(1, 'a')
    const second = `${sign}#Fields: date-time,x\n#Version: 9\n`
    const chunks = await read(`${first}${second}${row(2, 'b', '\n')}${row(3, 'c', '\n')}`)
    expect(chunks.map((each) => each.text)).toEqual([row(1, 'a'), row(2, 'b', '\n') + row(3, 'c', '\n')])
    expect(chunks[0]?.end).toBe(first.length)
    expect(chunks[1]).toMatchObject({ header: first.length, start: first.length + Buffer.byteLength(second) })
    expect(chunks[1]?.layout).toMatchObject({ columns: ['date-time', 'x'], version: '9' })
  })

  it.each(['# a remark\r\n', `${mark}#Date: x\r\n`, header('another date'), header(date) + header(date)])(
    'goes on over a block that changes nothing, and says that it stands among the rows (%j)',
    async (block) => {
      const text = `${header(date)}${row(1, 'a')}${block}${row(2, 'b')}${block}${row(3, 'c')}`
      const [chunk, ...more] = await read(`${text}${block}`)
      expect(more).toEqual([])
      expect(chunk).toMatchObject({ header: 0, start: header(date).length, end: Buffer.byteLength(text) })
      expect(Buffer.from(chunk?.text ?? '', 'latin1').toString()).toBe(text.slice(header(date).length))
      expect(chunk?.hasHeaderLines).toBe(true)
    },
  )

  it('ends a chunk before a header that changes something behind one that does not', async () => {
    const other = '#Fields: date-time,x\n'
    const chunks = await read(
      `${header(date)}${row(1, 'a')}# a remark\n${row(2, 'b')}# another\n${other}${row(3, 'c')}`,
    )
    expect(chunks.map(({ text }) => text)).toEqual([`${row(1, 'a')}# a remark\n${row(2, 'b')}`, row(3, 'c')])
    expect(chunks.map(({ layout }) => layout?.columns.length)).toEqual([3, 2])
  })

  it('keeps the layout over a block that names no columns where the time stands elsewhere', async () => {
    const first = '#Fields: source,date-time\r\n'
    const chunks = await read(`${first}${row(1, 'a')}# a remark\r\n${row(2, 'b')}`)
    expect(chunks.map((each) => each.header)).toEqual([0, 0])
    expect(chunks[1]?.layout).toBe(chunks[0]?.layout)
    expect(texts(chunks)).toEqual(['a', 'b'])
  })

  it('does not take # or a byte order mark within a row for a header', async () => {
    const text = `${header(date)}2026,#x,${mark}#y\r\n#z`
    const chunks = await read(text, { unfinishedLine: 'stays' })
    expect(chunks.map((each) => each.text.length)).toEqual([Buffer.byteLength(`2026,#x,${mark}#y\r\n`)])
  })

  it('cuts at line ends, reading more when a line is longer than a chunk, under one layout', async () => {
    const lines = [row(1, 'a'), row(2, 'b'.repeat(300)), row(3, 'c'), row(4, 'd')]
    const chunks = await read(header(date) + lines.join(''), { chunkBytes: 64 })
    expect(chunks.map((each) => each.text)).toEqual(lines)
    expect(new Set(chunks.map((each) => each.layout)).size).toBe(1)
    for (const [i, each] of chunks.entries()) if (i > 0) expect(each.start).toBe(chunks[i - 1]?.end)
  })

  it('takes the unfinished last line for a line, or leaves it', async () => {
    const text = `${header(date)}${row(1, 'a')}2026-half`
    expect((await read(text)).map((each) => each.text).join('')).toBe(`${row(1, 'a')}2026-half`)
    const kept = await read(text, { unfinishedLine: 'stays' })
    expect(kept.map((each) => each.text)).toEqual([row(1, 'a')])
    expect(kept[0]?.end).toBe(text.length - '2026-half'.length)
  })

  it.each([1000, 1001, 64 * 1024])('passes a line of %i bytes on as malformed', async (length) => {
    const long = 'x'.repeat(length)
    const before = header(date) + row(1, 'a')
    const chunks = await read(`${before}${long}\r\n${row(2, 'b')}`, { chunkBytes: 256, maxLineBytes: 999 })
    const malformed = chunks.flatMap((each) => each.malformed)
    expect(texts(chunks)).toEqual(['a', 'b'])
    expect(malformed).toHaveLength(1)
    expect(malformed[0]).toMatchObject({ offset: before.length, reason: 'line longer than 999 bytes' })
    expect(long.startsWith(Buffer.from(malformed[0]?.line ?? []).toString())).toBe(true)
    expect(malformed[0]?.line.length).toBeLessThanOrEqual(4096)
    expect(chunks[1]).toMatchObject({ start: before.length, end: before.length + length + 2, text: '' })
  })

  it('passes on a line of just the limit, and ends with a malformed one that never ends', async () => {
    const limits = { chunkBytes: 256, maxLineBytes: 999 }
    const chunks = await read(`${'y'.repeat(999)}\r\n${'x'.repeat(5000)}`, limits)
    expect(chunks.map((each) => [each.text.length, each.malformed.length])).toEqual([
      [1001, 0],
      [0, 1],
    ])
    expect(chunks[1]?.end).toBe(6001)
    expect(await read(`${'x'.repeat(5000)}`, { ...limits, unfinishedLine: 'stays' })).toEqual([])
  })

  it('goes on under the header in force where none stands at the offset that the position names', async () => {
    const second = '#Fields: date-time,x\r\n'
    const parts = [header(date), row(1, 'a'), row(2, 'b'), second, row(3, 'c'), row(4, 'd')]
    const path = await written(parts.join(''))
    const at = parts.slice(0, 3).join('').length
    const from = (offset: number, block: number) =>
      all(fileChunks(path, { chunkBytes: 64, from: { offset, header: block } }))
    for (const count of [1, 2, 3, 4, 5]) {
      const offset = parts.slice(0, count).join('').length
      const right = await from(offset, count < 4 ? 0 : at)
      expect(right[0]?.layout).not.toBeNull()
      for (const wrong of [5, offset - 1]) expect(await from(offset, wrong)).toEqual(right)
    }
  })

  it('goes on from a position, under the header that it names', async () => {
    const text = header(date) + row(1, 'a') + row(2, 'b')
    const path = await written(text)
    const whole = await all(fileChunks(path, { chunkBytes: 64 }))
    const from = { offset: whole[0]!.end, header: whole[0]!.header }
    const rest = await all(fileChunks(path, { chunkBytes: 64, from }))
    expect(rest).toEqual(whole.slice(1))
  })

  it('refuses a log of another kind, also when its header stands in the middle', async () => {
    const other = '#Log-type: SMTP Receive Protocol Log\r\n#Fields: a\r\nx\r\n'
    await expect(read(other)).rejects.toThrow(ProblemsError)
    await expect(read(header(date) + row(1, 'a') + other)).rejects.toThrow(/no message tracking log/)
    await expect(read(`${'1\t'.repeat(12)}\r\n`)).rejects.toThrow(/Exchange 2003/)
  })

  it.each(['', mark, header(date), `${mark}${header(date)}`])('gives nothing for %j', async (text) => {
    expect(await read(text)).toEqual([])
  })

  it('rejects with the error of the system when there is no file', async () => {
    await expect(all(fileChunks('/no/such/file'))).rejects.toThrow(/ENOENT/)
  })
})

describe('streamChunks', () => {
  it('passes a line of many megabytes on as malformed, though it can not be read twice', async () => {
    const before = header(date) + row(1, 'a')
    async function* pieces(): AsyncGenerator<Buffer> {
      yield Buffer.from(before)
      for (let part = 0; part < 50; part++) yield Buffer.alloc(1 << 20, 'x')
      yield Buffer.from(`\r\n${row(2, 'b')}`)
    }
    const chunks = await all(streamChunks(pieces(), 'standard input'))
    expect(texts(chunks)).toEqual(['a', 'b'])
    expect(chunks.flatMap((each) => each.malformed)).toMatchObject([{ offset: before.length }])
  })

  it.each([1, 7, 100, 5000])('gives the same chunks as the file, from pieces of %i bytes', async (size) => {
    const text = `${mark}${header(date)}${row(1, 'a')}${'z'.repeat(3000)}\r\n${header('x')}${row(2, 'b')}half`
    const bytes = Buffer.from(text)
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
    const limits = { chunkBytes: 128, maxLineBytes: 1000 }
    const path = await written(text)
    const fromStream = await all(streamChunks(Readable.from(pieces), path, limits))
    expect(fromStream).toEqual(await all(fileChunks(path, limits)))
  })
})
