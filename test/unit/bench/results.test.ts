/** The file with recorded tables: one part for each major version of Node.js. */
import { expect, test } from 'vitest'
import { withRecorded } from '../../../bench/results.ts'

const recorded = (before: string, version: string, table: string) =>
  withRecorded(before, version, ['- Machine: one.'], table, '2026-11-28')

test('what was recorded with another Node.js stays, in the order of versions', () => {
  const both = recorded(recorded('', '24.21.0', '| b |'), '20.20.2', '| a |')

  expect([...both.matchAll(/^## Node\.js (\S+)|^\| . \|/gm)].map(([text]) => text)).toEqual([
    '## Node.js 20.20.2',
    '| a |',
    '## Node.js 24.21.0',
    '| b |',
  ])
})

test('what was recorded with the same major version is replaced', () => {
  const again = recorded(recorded(recorded('', '20.19.0', '| a |'), '24.21.0', '| b |'), '20.20.2', '| c |')

  expect(again).not.toContain('20.19.0')
  expect(again).not.toContain('| a |')
  expect(again).toContain('| b |')
  expect(again).toContain('| c |')
})

test('what stood in the file in another form goes', () => {
  expect(recorded('# What it cost\n\n| old |\n', '20.20.2', '| new |')).not.toContain('old')
})

test('recording the same twice changes nothing', () => {
  const once = recorded('', '20.20.2', '| a |')

  expect(recorded(once, '20.20.2', '| a |')).toBe(once)
})
