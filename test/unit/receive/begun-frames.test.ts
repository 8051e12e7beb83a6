import { expect, test } from 'vitest'
import { BegunFrames } from '../../../src/receive/begun-frames.ts'

function setUp(mostBytes: number) {
  const begun = new BegunFrames(mostBytes)
  const ended: string[] = []
  const connections = new Map<string, object>()
  const of = (name: string) => connections.get(name) ?? connections.set(name, {}).get(name) ?? {}
  const keep = (name: string, bytes: number) => begun.keep(of(name), bytes, () => ended.push(name))
  return { ended, keep, release: (name: string) => begun.release(of(name)) }
}

test('beyond the limit the one that keeps the most has to go, whoever came last', () => {
  const { ended, keep } = setUp(100)
  keep('a', 10)
  keep('b', 60)
  keep('c', 30)
  expect(ended).toEqual([])
  keep('d', 1)
  expect(ended).toEqual(['b'])
  keep('d', 61)
  expect(ended).toEqual(['b', 'd'])
  keep('a', 101)
  expect(ended).toEqual(['b', 'd', 'a'])
})

test('what has ended does not count', () => {
  const { ended, keep, release } = setUp(100)
  keep('a', 90)
  keep('a', 80)
  keep('a', 0)
  keep('b', 90)
  release('b')
  release('b')
  keep('c', 100)
  expect(ended).toEqual([])
})
