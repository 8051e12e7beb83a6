import { expect, test } from 'vitest'
import { greet } from '../../../src/deliver/greeting.ts'
import { settledAs } from '../../../src/flow/delivery.ts'

function destination(answers: (string | null)[]) {
  const asked: number[] = []
  return {
    asked,
    name: 'siem',
    send: async () => settledAs({ status: 'delivered' }),
    close: async () => {},
    async connect() {
      asked.push(answers.length)
      return answers.shift() ?? null
    },
  }
}

test('a destination is tried again until it can be connected to', async () => {
  const siem = destination(['refused', 'refused', null, 'never asked'])
  const told: (string | null)[] = []
  await greet(siem, new AbortController().signal, (failure) => told.push(failure), 1)
  expect(told).toEqual(['refused', 'refused', null])
  expect(siem.asked).toEqual([4, 3, 2])
})

test('a stop ends it', async () => {
  const stop = new AbortController()
  const siem = destination(['refused', 'refused'])
  const greeting = greet(siem, stop.signal, () => {}, 3_600_000)
  stop.abort()
  await greeting
  expect(siem.asked).toEqual([2])
})

test('one that can not be connected to before it sends is left alone', async () => {
  const { connect: _, ...siem } = destination([])
  await greet(siem, new AbortController().signal, () => {})
})
