/** Packed files that would fill the memory. */
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { decode } from '../../src/formats/decode.ts'

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16))
}

test('a small file of much content is not held in memory', async () => {
  const bomb = gzipSync(Buffer.alloc(300_000_000), { level: 1 })
  const warnings: Error[] = []
  const warned = (warning: Error) => void warnings.push(warning)
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const { pieces: text } = await decode(pieces(bomb), 'a.gz')
  const before = process.memoryUsage().arrayBuffers
  let length = 0
  let most = 0
  for await (const piece of text) {
    length += piece.length
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(length).toBe(300_000_000)
  expect(warnings).toEqual([])
  // Half of it: when memory is given back is up to Node.js.
  expect(most).toBeLessThan(150_000_000)
})
