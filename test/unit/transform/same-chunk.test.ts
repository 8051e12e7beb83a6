import { expect, it } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { isSameChunk } from '../../../src/transform/same-chunk.ts'

function chunk(text: string, more: Partial<Chunk> = {}): Chunk {
  const bytes = Buffer.from(text)
  const file = { id: 'a', source: 'EX01', path: '/a.log' }
  return { file, layout: null, header: -1, start: 0, end: bytes.length, bytes, malformed: [], ...more }
}

it('compares bytes, unless they are of the same read', () => {
  expect(isSameChunk(chunk('one\n'), chunk('one\n'))).toBe(true)
  expect(isSameChunk(chunk('one\n'), chunk('two\n'))).toBe(false)
  expect(isSameChunk(chunk('one\n', { read: 1 }), chunk('two\n', { read: 2 }))).toBe(false)
  expect(isSameChunk(chunk('one\n', { read: 1 }), chunk('one\n', { read: 2 }))).toBe(true)
  // They are not looked at.
  expect(isSameChunk(chunk('one\n', { read: 1 }), chunk('two\n', { read: 1 }))).toBe(true)
  expect(isSameChunk(chunk('one\n', { read: 1 }), chunk('one\n', { read: 1, start: 4, end: 8 }))).toBe(false)
})
