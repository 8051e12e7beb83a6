import { expect, test } from 'vitest'
import { readProperties } from '../../../../src/cli/smartconnector/properties.ts'

test.each([
  ['escaped colons and backslashes', 'folder=C\\:\\\\Logs\\\\EX01', { folder: 'C:\\Logs\\EX01' }],
  ['a share', 'folder=\\\\\\\\EX01\\\\MessageTracking', { folder: '\\\\EX01\\MessageTracking' }],
  ['comments and empty lines', '# a=1\n! b=2\n\n  c = 3', { c: '3' }],
  ['a colon or a blank between key and value', 'a:1\nb 2\nc\t:\t3', { a: '1', b: '2', c: '3' }],
  ['escapes in keys', 'a\\=b\\:c\\ d=1', { 'a=b:c d': '1' }],
  ['Unicode escapes and controls', 'a=\\u00e9\\t\\n', { a: 'é\t\n' }],
  ['a value that goes on', 'a=one, \\\n   two\nb=\\\\\nc=3', { a: 'one, two', b: '\\', c: '3' }],
  ['the last of two', 'a=1\r\na=2\r\n', { a: '2' }],
  ['an empty value, and a key alone', 'a=\nb', { a: '', b: '' }],
  ['a byte order mark', '\uFEFFa=1', { a: '1' }],
])('reads %s', (_, text, properties) => {
  expect(Object.fromEntries(readProperties(Buffer.from(text)))).toEqual(properties)
})

test('reads ISO 8859-1 where it is no UTF-8', () => {
  expect(readProperties(Buffer.from('a=\xe9', 'latin1')).get('a')).toBe('é')
})
