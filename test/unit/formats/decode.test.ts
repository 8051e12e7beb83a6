import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decode } from '../../../src/formats/decode.ts'

const log = `#Fields: date-time,message-subject\r\n${'2026-11-20T14:00:01.037Z,Grüße 😀 €\r\n'.repeat(2000)}`

/** The bytes in pieces of a size, in one buffer that is used again and again. */
async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size)
    yield buffer.subarray(0, bytes.copy(buffer, 0, at, at + size))
}

/** What comes, and the error it ends with. */
async function read(bytes: Buffer, size?: number) {
  const decoded = await decode(pieces(bytes, size), 'a.gz')
  const got: Buffer[] = []
  let error: unknown
  try {
    for await (const piece of decoded.pieces) got.push(Buffer.from(piece))
  } catch (thrown) {
    error = thrown
  }
  return { ...decoded, text: Buffer.concat(got).toString(), error }
}

const utf16le = Buffer.from(`\ufeff${log}`, 'utf16le')
const utf16be = Buffer.from(utf16le).swap16()

describe('text is read for what it is', () => {
  test.each<[what: string, bytes: Buffer]>([
    ['as it stands', Buffer.from(log)],
    ['gzip', gzipSync(log)],
    ['gzip of several members', Buffer.concat([gzipSync(log.slice(0, 5000)), gzipSync(log.slice(5000))])],
    ['UTF-16', utf16le],
    ['UTF-16, big-endian', utf16be],
    ['gzip of UTF-16', gzipSync(utf16be)],
    ['gzip of gzip', gzipSync(gzipSync(log))],
  ])('%s', async (what, bytes) => {
    for (const size of [1, 3, 1000, 1 << 20]) {
      if (size === 1 && bytes.length > 100_000) continue
      const { text, error, kind, isDecoded } = await read(bytes, size)
      expect(text === log).toBe(true)
      expect({ error, kind, isDecoded }).toEqual({
        error: undefined,
        kind: null,
        isDecoded: what !== 'as it stands',
      })
    }
  })

  test('nothing at all', async () => {
    expect(await read(Buffer.alloc(0))).toMatchObject({ text: '', kind: null, error: undefined })
    expect(await read(gzipSync(''))).toMatchObject({ text: '', kind: null, error: undefined })
  })

  test('half a character at the end becomes U+FFFD', async () => {
    expect((await read(utf16le.subarray(0, -1))).text.endsWith('\r\ufffd')).toBe(true)
  })

  test('what is packed is named', async () => {
    expect((await read(gzipSync('PK\x03\x04'))).kind?.name).toMatch(/zip/)
    expect((await read(gzipSync('Timestamp,EventId,Sender\r\n'))).kind?.kind).toBe('export')
    expect((await read(gzipSync(gzipSync(gzipSync(gzipSync(log)))))).kind?.kind).toBe('gzip')
  })
})

describe('damaged gzip', () => {
  const packed = gzipSync(Buffer.concat([Buffer.from(log), randomBytes(200_000), Buffer.from('the end')]))

  test('that ends too early gives all there is, then says so', async () => {
    const { text, error } = await read(packed.subarray(0, 150_000))
    expect(text.startsWith(log)).toBe(true)
    expect(text.length).toBeGreaterThan(log.length + 50_000)
    expect(String(error)).toMatch(/a\.gz: .*end too early/)
  })

  test('with a wrong checksum gives all but the last of it, then says so', async () => {
    const broken = Buffer.from(packed)
    broken.writeUInt32LE(1, broken.length - 8)
    const { text, error } = await read(broken)
    expect(text.startsWith(log)).toBe(true)
    expect(String(error)).toMatch(/damaged/)
  })

  test('is not held up by a reader that stops early, nor by an input that fails', async () => {
    for await (const piece of (await decode(pieces(packed), 'a.gz')).pieces) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    async function* failing(): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 20_000)
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
    }
    const { pieces: text } = await decode(failing(), 'a.gz')
    await expect(async () => {
      for await (const _ of text);
    }).rejects.toThrow('EIO')
  })
})
