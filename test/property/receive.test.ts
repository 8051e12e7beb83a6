import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { Deframer } from '../../src/receive/framing.ts'
import { decodeSyslog } from '../../src/receive/syslog-decoder.ts'

interface Heard {
  readonly frames: string[]
  readonly errors: string[]
}

function deframe(chunks: readonly Buffer[], maxFrameBytes: number): Heard {
  const heard: Heard = { frames: [], errors: [] }
  const deframer = new Deframer({
    maxFrameBytes,
    onFrame: (frame) => heard.frames.push(frame.toString('latin1')),
    onError: (reason) => heard.errors.push(reason),
  })
  for (const chunk of chunks) deframer.push(chunk)
  deframer.end()
  return heard
}

function split(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort((a, b) => a - b)
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end))
}

const cuts = fc.array(fc.nat(), { maxLength: 40 })
const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))

test('any split of a stream gives the same frames and errors', () => {
  const stream = fc.oneof(
    body,
    fc
      .array(body)
      .map((bodies) => Buffer.concat(bodies.flatMap((b) => [Buffer.from('<1>'), b, Buffer.from('\n')]))),
    fc.array(body).map((bodies) => Buffer.concat(bodies.flatMap((b) => [Buffer.from(`${b.length} `), b]))),
  )
  fc.assert(
    fc.property(stream, cuts, fc.integer({ min: 1, max: 70 }), (bytes, at, max) => {
      expect(deframe(split(bytes, at), max)).toEqual(deframe([bytes], max))
    }),
  )
})

test('what was framed comes out, by line feeds and by octet counts', () => {
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes)))
  fc.assert(
    fc.property(frames, cuts, (list, at) => {
      const expected = { frames: list.map((frame) => frame.toString('latin1')), errors: [] }
      const counted = Buffer.concat(list.flatMap((frame) => [Buffer.from(`${frame.length} `), frame]))
      expect(deframe(split(counted, at), 50)).toEqual(expected)

      const lines = list.map((frame) => Buffer.from(`<${frame.toString('base64')}`))
      const terminated = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
      expect(deframe(split(terminated, at), 100)).toEqual({ frames: lines.map(String), errors: [] })
    }),
  )
})

test('no bytes make a decoder throw', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .string({
        unit: fc.constantFrom(
          'CEF:0|',
          '|',
          '\\',
          '=',
          ' ',
          'cs1',
          'Label',
          'in',
          '<1>',
          '1 ',
          '-',
          '[',
          '"',
        ),
      })
      .map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(bytes, (input) => {
      const message = Buffer.from(input)
      for (const prefix of ['', 'CEF:0|a|b|c|d|e|3|', '<1>1 ']) {
        const whole = Buffer.concat([Buffer.from(prefix), message])
        for (const decoded of [decodeCef(whole), decodeSyslog(whole)]) {
          if (decoded.ok) continue
          for (const { offset, reason } of decoded.errors) {
            expect(offset).toBeGreaterThanOrEqual(0)
            expect(offset).toBeLessThanOrEqual(whole.length)
            expect(reason).toMatch(/\.$/)
          }
          expect(decoded.errors.length).toBeGreaterThan(0)
        }
      }
    }),
  )
})

test('any text that is escaped by the four rules is read back', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these may not stand in a value
  const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|^[ \t]+|[ \t]+$/g
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom('\\', '=', '\n', '\r', ' ', '|', ' in=', '"'),
        fc.string({ unit: 'grapheme', maxLength: 2 }),
      ),
    })
    .map((value) => value.replaceAll(forbidden, ''))
    .filter((value) => value !== '' && Buffer.byteLength(value) <= 1023)
  const escapes: Record<string, string> = { '\\': '\\\\', '=': '\\=', '\n': '\\n', '\r': '\\r' }
  fc.assert(
    fc.property(text, text, (msg, suser) => {
      const written = (value: string) => value.replaceAll(/[\\=\n\r]/g, (character) => escapes[character]!)
      const message = `CEF:0|a|b|c|d|e|3| msg=${written(msg)} suser=${written(suser)} dvchost=x`
      const decoded = decodeCef(Buffer.from(message))
      expect(decoded.ok ? [...decoded.event.extension] : decoded.errors).toEqual([
        ['msg', msg],
        ['suser', suser],
        ['dvchost', 'x'],
      ])
    }),
  )
})
