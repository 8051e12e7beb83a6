import { expect, test } from 'vitest'
import { visible } from '../../../src/mistakes/visible.ts'

test('leaves letters, emoji and marks alone', () => {
  expect(visible('é漢👩‍👩‍👧 a\u0301')).toBe('é漢👩‍👩‍👧 a\u0301')
})

test('escapes what ends a line, moves the cursor, turns the text or can not be seen', () => {
  expect(visible('a\nb\rc\td')).toBe('a\\nb\\rc\\td')
  expect(visible('\0\x1b[2J\x7f\x9b\u2028\u202e\ufeff')).toBe(
    '\\u0000\\u001b[2J\\u007f\\u009b\\u2028\\u202e\\ufeff',
  )
})
