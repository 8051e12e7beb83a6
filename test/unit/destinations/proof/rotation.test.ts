import { expect, test } from 'vitest'
import { RotationPace } from '../../../../src/destinations/proof/rotation.ts'

const options = { turnAfterMs: 5000, turnAfterBytes: 1000 }
const carrying = (carriedBytes: number, ageMs: number) => ({ carriedBytes, ageMs })

test('a turn is over after its time, however little was carried', () => {
  const pace = new RotationPace(options)
  expect(pace.isDue(carrying(1, 4999))).toBe(false)
  expect(pace.isDue(carrying(1, 5000))).toBe(true)
})

test('and after so many bytes, unless turning would take more than a fortieth of the time', () => {
  const pace = new RotationPace(options)
  expect(pace.isDue(carrying(999, 1))).toBe(false)
  expect(pace.isDue(carrying(1000, 1))).toBe(true)
  pace.took(10)
  expect(pace.isDue(carrying(1000, 399))).toBe(false)
  expect(pace.isDue(carrying(1000, 400))).toBe(true)
})

test('no connection carries more than eight times as much, whatever turning takes', () => {
  const pace = new RotationPace(options)
  pace.took(1000)
  expect(pace.isDue(carrying(7999, 1))).toBe(false)
  expect(pace.isFull(carrying(7999, 1))).toBe(false)
  expect(pace.isDue(carrying(8000, 1))).toBe(true)
  expect(pace.isFull(carrying(8000, 1))).toBe(true)
})

test('a slow peer gets less', () => {
  const pace = new RotationPace(options)
  pace.took(1000)
  expect(pace.isDue(carrying(299, 1), 300)).toBe(false)
  expect(pace.isDue(carrying(300, 1), 300)).toBe(true)
})
