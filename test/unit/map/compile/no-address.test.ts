import { expect, test } from 'vitest'
import { takesNoAddress } from '../../../../src/map/compile/no-address.ts'

test.each([
  ['^[^%]*[^0-9A-Fa-f.:%].*$', true],
  ['[^%.:0-9a-fA-F]+', true],
  ['^[^0-9A-Fa-f.:%]+?', true],
  ['@', true],
  ['a@+b', true],
  ['[g-z]', true],
  ['^[^0-9A-Fa-f.:%]*$', false],
  ['[^0-9A-Fa-f.:%]?', false],
  ['[^0-9A-Fa-f.:%]*?', false],
  ['[^0-9A-Fa-f.:]', false],
  ['[^0-9]', false],
  ['[a-z]', false],
  ['@*', false],
  ['a.b:c', false],
  ['[^0-9A-Fa-f.:%]|a', false],
  ['([^0-9A-Fa-f.:%])', false],
  ['[^0-9A-Fa-f.:%]{0}', false],
  ['[^\\d]', false],
  ['[]@]', false],
  ['[[:alpha:]]', false],
])('what %s takes holds a character that no address has: %s', (pattern, told) => {
  expect(takesNoAddress(pattern)).toBe(told)
})
