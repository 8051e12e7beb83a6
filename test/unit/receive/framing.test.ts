import { expect, test } from 'vitest'
import { Deframer } from '../../../src/receive/framing.ts'

function setUp(maxFrameBytes = 10) {
  const seen: string[] = []
  const deframer = new Deframer({
    maxFrameBytes,
    onFrame: (frame) => seen.push(frame.toString()),
    onError: (reason, fatal) => seen.push(`${fatal ? 'fatal' : 'error'}: ${reason}`),
  })
  const push = (...chunks: string[]) => {
    for (const chunk of chunks) deframer.push(Buffer.from(chunk))
  }
  return { seen, deframer, push }
}

const tooLong = expect.stringMatching(/^error: A frame of .* is over the limit of 10 bytes/)
const cutShort = 'error: The stream ended in the middle of a frame.'

test('a line feed ends a frame; a carriage return belongs to it', () => {
  const { seen, deframer, push } = setUp()
  push('<1>a\n<2>b\r\n\n12 x\n')
  deframer.end()
  expect(seen).toEqual(['<1>a', '<2>b\r', '', '12 x'])
})

test('a digit at the start means octet counting; counts are bytes and frames may hold line feeds', () => {
  const { seen, deframer, push } = setUp()
  push('3 <1>5 a\nbé10 0123456789')
  deframer.end()
  expect(seen).toEqual(['<1>', 'a\nbé', '0123456789'])
})

test('a frame of the limit is taken, a longer one is passed over', () => {
  const lines = setUp()
  lines.push('0'.padStart(10, 'C'), '\nCEF:0|', '23456', '78', '9\nCEF:\n', `${'C'.repeat(30)}\nCEF:1\n`)
  lines.deframer.end()
  expect(lines.seen).toEqual(['CCCCCCCCC0', tooLong, 'CEF:', tooLong, 'CEF:1'])

  const counted = setUp()
  counted.push('10 0123456789', '11 012', '345', '678901 x', '1000 ')
  counted.deframer.end()
  expect(counted.seen).toEqual(['0123456789', tooLong, 'x', tooLong])
})

test.each(['05 hello', '5x hello', '0 ', '12345678901 x'])('%j breaks octet counting for good', (stream) => {
  const { seen, deframer, push } = setUp()
  push('1 a', stream, '1 b')
  deframer.end()
  expect(seen).toEqual(['a', expect.stringMatching(/^fatal: An octet count must be/)])
})

test('a line feed after a counted frame breaks octet counting', () => {
  const { seen, push } = setUp()
  push('1 a\n1 b\n')
  expect(seen).toEqual(['a', expect.stringMatching(/^fatal:/)])
})

test.each(['<1>a', '5', '5 ', '5 abcd'])('a stream that ends after %j is cut short', (stream) => {
  const { seen, deframer, push } = setUp()
  push(stream)
  deframer.end()
  expect(seen).toEqual([cutShort])
})

test('an empty stream is no error', () => {
  const { seen, deframer } = setUp()
  deframer.end()
  expect(seen).toEqual([])
})

test('frames stay what they are while later ones are read', () => {
  const frames: Buffer[] = []
  const deframer = new Deframer({
    maxFrameBytes: 100,
    onFrame: (frame) => frames.push(frame),
    onError: () => {},
  })
  for (const chunk of ['<1>a', 'b\n<1>c', 'd\n<1>', 'e\n']) deframer.push(Buffer.from(chunk))
  expect(frames.map(String)).toEqual(['<1>ab', '<1>cd', '<1>e'])
})

test('memory is held for a frame only until its end has come', () => {
  const { seen, deframer, push } = setUp(1_000_000)
  const long = 'x'.repeat(300_000)
  expect(deframer.kept).toBe(0)
  push('C', long, long)
  expect(deframer.kept).toBeGreaterThan(600_000)
  expect(deframer.kept).toBeLessThanOrEqual(1_000_000)
  push('y\nab')
  expect(deframer.kept).toBeLessThan(1000)
  push('c\n')
  expect(deframer.kept).toBe(0)
  expect(seen).toEqual([`C${long}${long}y`, 'abc'])
  push('C', long, long, long, long)
  expect(deframer.kept).toBe(0)
})
