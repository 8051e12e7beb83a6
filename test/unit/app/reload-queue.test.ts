import { expect, test } from 'vitest'
import { ReloadQueue, type ReloadRequest } from '../../../src/app/reload-queue.ts'

/** Reloads that end when the test says so. */
function setUp() {
  const begun: Required<ReloadRequest>[] = []
  const ends: ((result: number | Error) => void)[] = []
  const queue = new ReloadQueue((request) => {
    begun.push(request)
    const number = begun.length
    return new Promise<number>((resolve, reject) => {
      ends.push((result) => (result instanceof Error ? reject(result) : resolve(number)))
    })
  })
  return { queue, begun, end: (result: number | Error = 0) => ends.shift()?.(result) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('who asks while one is under way shares the next, which begins then', async () => {
  const { queue, begun, end } = setUp()
  const first = queue.ask({ by: 'a' })
  await turn()
  const second = queue.ask({ by: 'b' })
  const third = queue.ask({ by: 'c' })
  await turn()
  expect(begun).toEqual([{ by: 'a', deliverAgain: false }])
  end()
  expect(await first).toBe(1)
  await turn()
  expect(begun[1]).toEqual({ by: 'b, c', deliverAgain: false })
  end()
  expect(await Promise.all([second, third])).toEqual([2, 2])
  await queue.settled()
  expect(begun).toHaveLength(2)
})

test('one that fails does so for those who shared it, and the next is tried all the same', async () => {
  const { queue, end } = setUp()
  const first = queue.ask({ by: 'a' })
  await turn()
  const second = queue.ask({ by: 'b' })
  end(new Error('a mistake'))
  await expect(first).rejects.toThrow('a mistake')
  await turn()
  end()
  expect(await second).toBe(2)
})

test('what one has confirmed is not confirmed for another', async () => {
  const { queue, begun, end } = setUp()
  void queue.ask({ by: 'a' })
  await turn()
  void queue.ask({ by: 'b' })
  void queue.ask({ by: 'c', deliverAgain: true })
  for (let left = 3; left > 0; left--) {
    end()
    await turn()
  }
  await queue.settled()
  expect(begun.map(({ by, deliverAgain }) => [by, deliverAgain])).toEqual([
    ['a', false],
    ['b', false],
    ['c', true],
  ])
})
