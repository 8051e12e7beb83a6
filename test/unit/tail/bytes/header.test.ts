import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { parseHeader } from '../../../../src/tail/bytes/header.ts'

test('what is kept of a header does not hold the text that it was found in', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heldMb = () => {
    collect()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const block = Buffer.from(
    `#Software: ${'x'.repeat(2 ** 20)}\n#Version: 15.01.2507.039\n#Date: 2026-11-20T14:00:01.037Z\n`,
  )
  const before = heldMb()
  const kept = Array.from({ length: 30 }, () => parseHeader(block))
  expect(heldMb() - before).toBeLessThan(15)
  expect(kept.at(-1)).toEqual({ layout: null, date: '2026-11-20T14:00:01.037Z', refusal: null })
})
