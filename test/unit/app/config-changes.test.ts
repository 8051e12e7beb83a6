import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { changedFiles, isSameValue } from '../../../src/app/config-changes.ts'

const key = (text: string) => createSecretKey(Buffer.from(text))

test.each([
  [1, 1, true],
  ['a', 'b', false],
  [undefined, null, false],
  [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
  [{ a: undefined }, {}, true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{ a: [1] }, { a: { 0: 1 } }, false],
  [{ key: key('one') }, { key: key('one') }, true],
  [{ key: key('one') }, { key: key('two') }, false],
  [{ key: key('one') }, { key: 'one' }, false],
  [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
  [new Map([['a', 1]]), new Map([['a', 2]]), false],
  [new Map([['a', 1]]), { a: 1 }, false],
  // Of what it can't look into, nothing is known to be the same.
  [/a/, /a/, false],
])('%j and %j: the same is %j', (one, other, expected) => {
  expect(isSameValue(one, other)).toBe(expected)
})

test('a file is another one by its content, and not by having a new name', () => {
  const before = new Map([
    ['/a', '1'],
    ['/b', '2'],
  ])
  const after = new Map([
    ['/a', '1'],
    ['/b', '3'],
    ['/c', '4'],
  ])
  expect(changedFiles(before, after)).toEqual(['content of /b'])
})
