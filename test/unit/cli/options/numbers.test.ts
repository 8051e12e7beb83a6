import { expect, test } from 'vitest'
import { decimal, wholeNumber } from '../../../../src/cli/options/numbers.ts'

const above = decimal('a number above 0', (value) => value > 0)

test('whole numbers, within bounds', () => {
  expect(['1', '007', '9007199254740991'].map(wholeNumber())).toEqual([1, 7, Number.MAX_SAFE_INTEGER])
  expect(wholeNumber(0)('0')).toBe(0)
  for (const text of [
    '',
    ' ',
    '0',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    ' 5',
    '5 ',
    'NaN',
    '9007199254740993',
  ]) {
    expect(() => wholeNumber()(text), text).toThrow('Give a whole number, 1 or more.')
  }
  expect(['1', '64'].map(wholeNumber(1, 64))).toEqual([1, 64])
  for (const text of ['0', '65']) {
    expect(() => wholeNumber(1, 64)(text), text).toThrow('Give a whole number from 1 to 64.')
  }
})

test('numbers with a fraction, or without', () => {
  expect(['1', '0.5', '.5', '2.', '1000000'].map(above)).toEqual([1, 0.5, 0.5, 2, 1e6])
  for (const text of ['', ' ', '.', '0', '-1', '1e3', '0x10', 'Infinity', 'NaN', '1,5', ' 1']) {
    expect(() => above(text), text).toThrow('Give a number above 0.')
  }
})
