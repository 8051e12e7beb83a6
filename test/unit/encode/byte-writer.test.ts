import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'

function text(out: ByteWriter): string {
  return out.bytes.toString('latin1', 0, out.length)
}

test('grows and keeps what was written', () => {
  const out = new ByteWriter(4)
  out.write(Buffer.from('abcd'))
  out.reserve(1)
  out.writeByte(0x65)
  out.reserve(1000)
  out.write(Buffer.from('f'.repeat(1000)))
  expect(text(out)).toBe(`abcde${'f'.repeat(1000)}`)
})

test('does not grow while there is room', () => {
  const out = new ByteWriter(8)
  const { bytes } = out
  out.reserve(8)
  expect(out.bytes).toBe(bytes)
  out.reserve(9)
  expect(out.bytes).not.toBe(bytes)
})

test.each([3, 40, 41, 500])('copies a part of %i bytes', (size) => {
  const out = new ByteWriter(1024)
  out.writeByte(0x3c)
  out.write(Buffer.from(`xx${'y'.repeat(size)}zz`), 2, 2 + size)
  expect(text(out)).toBe(`<${'y'.repeat(size)}`)
})

test('setting the length back takes back what was written', () => {
  const out = new ByteWriter(16)
  out.write(Buffer.from('keep this'))
  out.length = 4
  out.write(Buffer.from('!'))
  expect(text(out)).toBe('keep!')
})

describe('integers', () => {
  test.each([0, 1, 9, 10, 11, 99, 100, 1_234_567_890, 253_402_300_799_999, Number.MAX_SAFE_INTEGER])(
    '%i',
    (value) => {
      const out = new ByteWriter(32)
      out.writeByte(0x78)
      out.writeInteger(value)
      expect(text(out)).toBe(`x${value}`)
    },
  )
})
