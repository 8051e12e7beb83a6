import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askedId } from '../../../../src/cli/trace/asked-id.ts'
import { lineNumbers, linesWith } from '../../../../src/cli/trace/search.ts'

async function* inPieces(text: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, index = 0; at < text.length; index++) {
    const size = sizes[index % sizes.length] ?? 1
    yield Buffer.from(text.subarray(at, at + size))
    at += size
  }
}

async function search(text: string, pattern: RegExp, sizes: readonly number[]) {
  const found = []
  const pieces = inPieces(Buffer.from(text), sizes)
  for await (const line of linesWith({ file: 'a.LOG', pieces, pattern })) found.push(line)
  return found
}

describe('lines with some bytes', () => {
  test('they are those that a plain search finds, however the text comes in pieces', async () => {
    const line = fc.constantFrom(
      'id',
      'xidx',
      'ID,id',
      '',
      '#',
      '#Fields: date-time,a',
      'i',
      'd',
      '\r',
      'é#id',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (lines, isEnded, sizes) => {
          const text = lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : '')
          const expected: { line: number; offset: number; text: string; header: number }[] = []
          let offset = 0
          let header = -1
          const parts = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
          for (const [index, part] of parts.entries()) {
            if (part.startsWith('#Fields'))
              header = headerStart(parts, index, offset, part.endsWith('\n'), header)
            if (/id/i.test(part)) expected.push({ line: index + 1, offset, text: part, header })
            offset += Buffer.byteLength(part)
          }
          const found = await search(text, /id/gi, sizes)
          expect(
            found.map((one) => ({ offset: one.offset, text: one.bytes.toString(), isWhole: one.isWhole })),
          ).toEqual(expected.map(({ offset, text }) => ({ offset, text, isWhole: text.endsWith('\n') })))
          const rows = found.filter(({ bytes }) => bytes[0] !== 0x23)
          expect(rows.map(({ layout }) => layout?.columns.join() ?? null)).toEqual(
            expected
              .filter(({ text }) => !text.startsWith('#'))
              .map(({ header }) => (header < 0 ? null : 'date-time,a')),
          )
          const numbers = await lineNumbers(
            inPieces(Buffer.from(text), sizes),
            found.map((one) => one.offset),
          )
          expect(numbers).toEqual(expected.map((one) => one.line))
        },
      ),
    )
  })

  test('a line over the border of blocks is one line', async () => {
    const filler = `${'x'.repeat(99)}\n`.repeat(40_000)
    const text = `${filler}the-id-asked-for,1\n${filler}2,The-Id-Asked-For`
    const found = await search(text, /the-id-asked-for/gi, [65_537])
    expect(found.map(({ offset, bytes, isWhole }) => [offset, bytes.toString(), isWhole])).toEqual([
      [4_000_000, 'the-id-asked-for,1\n', true],
      [8_000_019, '2,The-Id-Asked-For', false],
    ])
  })

  test('a line longer than a block is one, too', async () => {
    const long = `${'x'.repeat(5_000_000)}the-id,${'y'.repeat(5_000_000)}\n`
    const found = await search(`a\n${long}b the-id\n`, /the-id/g, [262_144])
    expect(found.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([
      [2, long.length],
      [2 + long.length, 9],
    ])
  })

  test('a header of another log is refused', async () => {
    await expect(search('#Log-type: SMTP Send Protocol Log\r\n', /the-id/g, [10])).rejects.toThrow(/a\.LOG/)
  })
})

/** Where the block of header lines begins that this line is of; a line without its end is in no block. */
function headerStart(
  parts: readonly string[],
  index: number,
  offset: number,
  isWhole: boolean,
  before: number,
): number {
  if (!isWhole) return before
  let start = offset
  for (let at = index - 1; at >= 0 && parts[at]?.startsWith('#'); at--)
    start -= Buffer.byteLength(parts[at] ?? '')
  return start
}

describe('the id that is asked for', () => {
  test.each([
    ['<a1@Partner.example>', 'a1@Partner.example'],
    [' a1@Partner.example ', 'a1@Partner.example'],
    ['Message-ID: <a1@Partner.example>', 'a1@Partner.example'],
    ['{6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}', '6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'],
    ['X-MS-Exchange-Organization-Network-Message-Id: 6f1e2d3c-4b5a', '6f1e2d3c-4b5a'],
    ['a:b@partner.example', 'a:b@partner.example'],
  ])('%s', (given, text) => {
    const id = askedId(given)
    expect(id?.text).toBe(text)
    expect([text, `<${text.toUpperCase()}>`, text.slice(1)].map((value) => id?.is(value))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('what is too short is none', () => expect(askedId('<a@x>')).toBeNull())

  test('it is found with its quotes doubled, and with letters of any alphabet', () => {
    for (const text of ['"a+b"@x.example', "o'neil@x.example", 'grüße@x.example', 'a.b*c[1]@x.example']) {
      const id = askedId(`<${text}>`)
      const stored = Buffer.from(
        `1,"<${text.replace(/["']/g, '$&$&').toUpperCase().replace('Ü', 'ü').replace('SS', 'ß')}>",2`,
      )
      id!.pattern.lastIndex = 0
      expect(id!.pattern.test(stored.toString('latin1')), text).toBe(true)
    }
    expect(askedId('a.b@x.example')?.pattern.test('aXb@x.example')).toBe(false)
  })
})
