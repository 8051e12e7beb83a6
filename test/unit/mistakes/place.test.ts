import { expect, test } from 'vitest'
import { formatPlace, isUnplaced, type Place } from '../../../src/mistakes/place.ts'
import { byLine, formatProblem } from '../../../src/mistakes/problem.ts'

const places: readonly (readonly [text: string, place: Place])[] = [
  ['/logs/EX01', { file: '/logs/EX01' }],
  ['a.yaml:12', { file: 'a.yaml', line: 12 }],
  ['a.yaml:12:3', { file: 'a.yaml', line: 12, column: 3 }],
  ['a.yaml:12 destinations.0.to', { file: 'a.yaml', line: 12, setting: ['destinations', 0, 'to'] }],
  ['a.yaml:1', { file: 'a.yaml', line: 1, setting: [] }],
  ['MSGTRK.LOG, byte 0', { file: 'MSGTRK.LOG', byte: 0 }],
  ['tls.ca', { setting: ['tls', 'ca'] }],
  ['--to', { option: '--to' }],
  ['--cert, --key', { option: '--cert', and: '--key' }],
  ['value 3', { argument: 'value 3' }],
]

test.each(places)('%s', (text, place) => {
  expect(formatPlace(place)).toBe(text)
  const sent = JSON.parse(JSON.stringify(place)) as Place
  expect(sent).toEqual(place)
  expect(formatPlace(sent)).toBe(text)
})

test('only a bare setting has no place yet', () => {
  expect(places.filter(([, place]) => isUnplaced(place)).map(([text]) => text)).toEqual(['tls.ca'])
})

test('what others chose is printed and never obeyed', () => {
  expect(formatProblem({ where: { file: 'a\u001b[2J\nb' }, message: 'is not there' })).not.toMatch(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
    /\u001b|\n/,
  )
})

test('mistakes are told in the order of the lines of one file, those elsewhere where they are wanted', () => {
  const at = (where: Place) => ({ where, message: formatPlace(where) })
  const problems = [
    at({ file: 'a', line: 10 }),
    at({ file: 'b', line: 1 }),
    at({ file: 'a', line: 9 }),
    at({ file: 'a:3' }),
    at({ file: 'a', line: 9, column: 2 }),
  ]
  const told = (others: 'first' | 'last') => byLine(problems, 'a', others).map(({ message }) => message)
  expect(told('last')).toEqual(['a:9', 'a:9:2', 'a:10', 'b:1', 'a:3'])
  expect(told('first')).toEqual(['b:1', 'a:3', 'a:9', 'a:9:2', 'a:10'])
})
