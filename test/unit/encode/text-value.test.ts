import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'
import {
  createSpan,
  normaliseBytes,
  normaliseField,
  normaliseShort,
  normaliseText,
  writeExtension,
  writeHeaderField,
} from '../../../src/encode/text-value.ts'
import { FieldFlag } from '../../../src/records/fields.ts'
import { type Bytes, oneField, plainLayout, recordsOf } from '../../support/records.ts'

const noLimit = Number.MAX_SAFE_INTEGER

function normalised(field: Bytes, maxBytes = noLimit) {
  const span = createSpan()
  normaliseField(span, oneField(field), 0, maxBytes)
  return { text: span.bytes.toString('utf8', span.start, span.end), cut: span.cut }
}

function written(field: Bytes, write: typeof writeExtension): string {
  const out = new ByteWriter(4096)
  const span = createSpan()
  normaliseField(span, oneField(field), 0, noLimit)
  write(out, span)
  return out.bytes.toString('utf8', 0, out.length)
}

describe('invalid UTF-8 becomes U+FFFD', () => {
  test.each([
    ['a lone continuation', [0x80], '\ufffd'],
    ['a character without its end', [0xe2, 0x82], '\ufffd'],
    ['a byte that never is', [0xff, 0xfe], '\ufffd\ufffd'],
    ['an overlong slash', [0xc0, 0xaf], '\ufffd\ufffd'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
  ])('%s', (_, bytes, text) => {
    expect(normalised(Buffer.from([0x61, ...bytes, 0x62])).text).toBe(`a${text}b`)
  })

  test('a valid field beside an invalid one stays as it is', () => {
    const records = recordsOf(plainLayout(2), [['é\ufeff😀', Buffer.of(0xff)]])
    const span = createSpan()
    normaliseField(span, records, 0, noLimit)
    expect(span.bytes.toString('utf8', span.start, span.end)).toBe('é\ufeff😀')
  })

  test('a byte order mark is text, in front too', () => {
    expect(normalised('\ufeffa').text).toBe('\ufeffa')
    expect(normalised('\ufeffa\x00').text).toBe('\ufeffa\ufffd')
  })
})

describe('control characters', () => {
  test('become U+FFFD each, except TAB, LF and CR', () => {
    for (let code = 0; code < 0x80; code++) {
      if (code === 0x0a) continue
      const control = (code < 0x20 && code !== 0x09 && code !== 0x0d) || code === 0x7f
      const character = String.fromCharCode(code)
      expect(normalised(`a${character}b`).text, `code ${code}`).toBe(`a${control ? '\ufffd' : character}b`)
    }
  })

  test('beyond ASCII stay: the contract names C0 and DEL', () => {
    expect(normalised('a\x85b\u2028').text).toBe('a\x85b\u2028')
  })
})

describe('spaces and tabs', () => {
  test.each([
    ['  a b  ', 'a b'],
    ['\t \ta\t', 'a'],
    [' \t ', ''],
    ['0cA: ', '0cA:'],
    ['\ra\r', '\ra\r'],
    [' \r ', '\r'],
    ['\u00a0a\u3000', '\u00a0a\u3000'],
  ])('go from both ends, nothing else does: %j', (field, text) => {
    expect(normalised(field).text).toBe(text)
  })

  test('go after control characters were replaced, so that those hold them', () => {
    expect(normalised(' \x00 a').text).toBe('\ufffd a')
  })

  test('go before the limit, so that they take no room', () => {
    expect(normalised(`${' '.repeat(50)}abc${' '.repeat(50)}`, 3)).toEqual({ text: 'abc', cut: false })
  })

  test.each([
    ['ab cd', 3, 'ab'],
    ['ab \t cd', 5, 'ab'],
    ['é €', 5, 'é'],
    ['a b', 2, 'a'],
    ['€ \x00', 5, '€'],
    ['a \r b', 4, 'a \r'],
  ])('go where the limit cut behind them: %j in %i bytes', (field, maxBytes, text) => {
    expect(normalised(field, maxBytes)).toEqual({ text, cut: true })
    const { start, end, bytes } = normaliseText(field, maxBytes)
    expect(bytes.toString('utf8', start, end)).toBe(text)
  })
})

describe('the limit', () => {
  test.each([
    ['abcd', 4, 'abcd', false],
    ['abcde', 4, 'abcd', true],
    ['aéé', 5, 'aéé', false],
    ['aéé', 4, 'aé', true],
    ['aéé', 3, 'aé', true],
    ['aéé', 2, 'a', true],
    ['a€€', 6, 'a€', true],
    ['a€€', 5, 'a€', true],
    ['a€€', 4, 'a€', true],
    ['a€€', 3, 'a', true],
    ['a😀😀', 8, 'a😀', true],
    ['a😀😀', 6, 'a😀', true],
    ['a😀😀', 5, 'a😀', true],
    ['a😀😀', 4, 'a', true],
    ['a😀😀', 2, 'a', true],
    ['😀', 3, '', true],
    ['abc', 0, '', true],
    ['', 0, '', false],
  ])('%j in %i bytes', (field, maxBytes, text, cut) => {
    const { start, end, bytes, cut: wasCut } = normaliseText(field, maxBytes)
    expect([bytes.toString('utf8', start, end), wasCut]).toEqual([text, cut])
    if (field !== '') expect(normalised(field, maxBytes)).toEqual({ text, cut })
  })

  test('counts what stands for an invalid byte, and never splits it', () => {
    expect(normalised(Buffer.of(0xff, 0xff), 5)).toEqual({ text: '\ufffd', cut: true })
    expect(normalised('\x00\x00', 5)).toEqual({ text: '\ufffd', cut: true })
  })

  test('counts a doubled quote once, and an escaped character as one', () => {
    expect(normalised('""""', 4)).toEqual({ text: '""""', cut: false })
    expect(normalised('\\=\\=', 4)).toEqual({ text: '\\=\\=', cut: false })
  })
})

test('quotes that enclose or are doubled go before everything else', () => {
  expect(normalised('" a, "').text).toBe('" a, "')
  expect(normalised(' ,"é\x01" ').text).toBe(',"é\ufffd"')
})

describe('extension values', () => {
  test.each([
    ['a\\b', 'a\\\\b'],
    ['a=b', 'a\\=b'],
    ['a\rb', 'a\\rb'],
    ['C:\\new', 'C:\\\\new'],
    ['\\n', '\\\\n'],
    ['end\\', 'end\\\\'],
    ['a|b"c\'d', 'a|b"c\'d'],
    ['x cs1=y', 'x cs1\\=y'],
    ['\\=', '\\\\\\='],
    ['a\tb', 'a\tb'],
  ])('%j', (field, text) => {
    expect(written(field, writeExtension)).toBe(text)
  })

  test('a line feed, which only settings can hold', () => {
    const out = new ByteWriter(64)
    writeExtension(out, normaliseText('a\nb', noLimit))
    expect(out.bytes.toString('utf8', 0, out.length)).toBe('a\\nb')
  })

  test('are plain copies when no byte is flagged', () => {
    const span = { bytes: Buffer.from('a=b'), start: 0, end: 3, flags: FieldFlag.high, cut: false }
    const out = new ByteWriter(64)
    writeExtension(out, span)
    expect(out.length).toBe(3)
  })
})

describe('header fields', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['a\\b', 'a\\\\b'],
    ['end\\', 'end\\\\'],
    ['a\rb', 'a b'],
    ['a=b', 'a=b'],
    ['\\|', '\\\\\\|'],
  ])('%j', (field, text) => {
    expect(written(field, writeHeaderField)).toBe(text)
  })

  test('a line feed becomes a space', () => {
    const out = new ByteWriter(64)
    writeHeaderField(out, normaliseText('a\r\nb', noLimit))
    expect(out.bytes.toString('utf8', 0, out.length)).toBe('a  b')
  })
})

describe('what is made of a row', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(' ', '\t', 'a', '=', '\\', '\n', '\0', 'ü'), maxLength: 8 }),
    fc.constantFrom('x'.repeat(256), 'x'.repeat(257)),
  )
  const limits = fc.constantFrom(0, 1, 5, noLimit)

  test('is normalised as any text, whether it is short or not', () => {
    fc.assert(
      fc.property(texts, limits, (text, maxBytes) => {
        const [short, bytes] = [createSpan(), createSpan()]
        normaliseShort(short, text, maxBytes)
        normaliseBytes(bytes, Buffer.from(text), true, maxBytes)
        const { bytes: expected, start, end, cut } = normaliseText(text, maxBytes)
        for (const span of [short, bytes]) {
          expect(span.bytes.subarray(span.start, span.end)).toEqual(expected.subarray(start, end))
          expect(span.cut).toBe(cut)
          const [out, wanted] = [new ByteWriter(4096), new ByteWriter(4096)]
          writeExtension(out, span)
          writeExtension(wanted, normaliseText(text, maxBytes))
          expect(out.bytes.toString('utf8', 0, out.length)).toBe(
            wanted.bytes.toString('utf8', 0, wanted.length),
          )
        }
      }),
    )
  })

  test('is made UTF-8 where its bytes are not', () => {
    const span = createSpan()
    normaliseBytes(span, Buffer.of(0x61, 0xff), false, noLimit)
    expect(span.bytes.toString('utf8', span.start, span.end)).toBe('a\ufffd')
  })
})
