/** Mistakes in what rows say of their values; those of plain rows are with the loading of tables. */
import { describe, expect, test } from 'vitest'
import { mistakesIn, oneRow, ownTable } from './own-table.ts'

const lookups = 'lookups: { action: { values: { A: a } }, numbers: { values: { A: 1 } } }'
const places = 'write one of column, custom, members, template, constant; several make a list'
const parts = 'must be a column, or { column: … }, { custom: … }, { template: … } or { constant: … }'

describe('a right row has none', () => {
  test.each([
    'from: [reference, { custom: S:Key }, source]',
    "from: '#Source'",
    'from: a-column-of-a-version-to-come',
    "from: { template: '{source} and {S:Key} and {#Source}' }",
    'from: { constant: 1 }',
    "from: source, as: list, separator: ' '",
    "from: source, capture: '(a|b)+', lookup: action",
    'key: cnt, from: { constant: 1 }, as: integer',
    'key: cnt, from: source, as: integer, lookup: numbers',
    "key: cnt, from: { constant: no 1, capture: '[0-9]' }, as: integer",
    'from: source, when: { source: [A], event-id: [B] }',
    "from: source, unless: { '#Source': [EX01] }",
  ])('%s', (row) => expect(mistakesIn(oneRow(row, lookups))).toEqual([]))
})

test.each<[mistake: string, row: string, problem: string]>([
  ['nothing taken', 'from: {}', `from: says not what is taken → ${places}`],
  [
    'two things taken',
    'from: { column: source, constant: a }',
    `from: takes column and constant at once → ${places}`,
  ],
  [
    'unknown setting of a place',
    'from: { colum: source }',
    'from.colum: is no setting → did you mean column?',
  ],
  ['no place at all', 'from: 3', `from: ${parts}`],
  ['no place in a list', 'from: [source, 3]', `from.1: ${parts}`],
  ['an empty list', 'from: []', 'from: names no column'],
  ['a wrong type inside a place', 'from: { column: 3 }', 'from.column: must be text → put it in quotes'],
  [
    'a column, mistyped',
    'from: recipient-adress',
    'from: unknown column recipient-adress → did you mean recipient-address?',
  ],
  [
    'a column in a list, mistyped',
    'from: [source, mesage-id]',
    'from.1: unknown column mesage-id → did you mean message-id?',
  ],
  [
    'a column in a place, mistyped',
    'from: [{ column: mesage-id }]',
    'from.0.column: unknown column mesage-id → did you mean message-id?',
  ],
  [
    'a column in a condition, mistyped',
    'from: source, when: { source: [A], evnt-id: [B] }',
    'when.evnt-id: unknown column evnt-id → did you mean event-id?',
  ],
  [
    'a group in place of a role',
    'from: source, when: { role of client-ip: [{ toString: 1 }] }',
    'when.role of client-ip.0: must be text → put it in quotes',
  ],
  [
    'a column in a template, mistyped',
    "from: { template: 'by {sourc}' }",
    'from.template: unknown column sourc → did you mean source?',
  ],
  [
    'something else in a template',
    "from: { template: 'by {a b}' }",
    'from.template: {a b} is no column → lower-case words joined by hyphens, or Type:Key',
  ],
  [
    'a template with half a brace',
    "from: { template: 'by {source' }",
    'from.template: has a brace without its partner → write {column}',
  ],
  [
    'a template without a column',
    "from: { template: 'by' }",
    'from.template: names no column → write {column}, or a constant',
  ],
  [
    'no key of custom-data',
    'from: { custom: ProxiedClientIPAddress }',
    'from.custom: is no key of custom-data, such as S:ProxiedClientIPAddress',
  ],
  [
    'a constant with a line break',
    'from: { constant: "a\\nb" }',
    'from.constant: must be text without line breaks or control characters',
  ],
  [
    'a constant too long for its key',
    `key: app, from: { constant: ${'x'.repeat(32)} }`,
    'from.constant: 32 bytes long; the limit is 31',
  ],
  [
    'a constant that is no number',
    'key: cnt, from: [{ constant: one }], as: integer',
    'from.0.constant: one is no integer, which cnt takes → write digits only',
  ],
  [
    'a lookup that is no number',
    'key: cnt, from: { column: source, lookup: action }, as: integer',
    'from.lookup: a is no integer, which cnt takes → write digits only',
  ],
  [
    'an unknown lookup, mistyped',
    'from: source, lookup: actoin',
    'lookup: there is no lookup actoin → did you mean action?',
  ],
  [
    'an unknown lookup',
    'from: { column: source, lookup: nothing-like-it }',
    'from.lookup: there is no lookup nothing-like-it → there are: action, numbers',
  ],
  ['a wrong pattern', "from: source, capture: 'a('", 'capture: is no regular expression: missing closing )'],
  [
    'a pattern that is not linear',
    "from: { column: source, capture: '(a)\\1' }",
    'from.capture: uses a backreference such as \\1, which is not supported → write out what it repeats',
  ],
  [
    'a separator without a list',
    "from: source, separator: ','",
    'separator: only a list has separators → add `as: list`, or leave separator out',
  ],
  [
    'a converter that a place does not have',
    'from: { column: source, as: integer }',
    'from.as: must be one of: list, list-first, list-count',
  ],
  [
    'a list for a number',
    'key: cnt, from: source, as: list',
    'as: list does not fit cnt, which is of type integer → as: integer or list-count',
  ],
])('%s', (_, row, problem) => {
  const found = mistakesIn(oneRow(row, lookups))
  expect(found.map((mistake) => mistake.replace(/^own\.yaml:13 fields\.0\./, ''))).toEqual([problem])
})

test('is one problem, not several', () => {
  expect(mistakesIn(oneRow('from: [source, { column: mesage-id }]'))).toEqual([
    'own.yaml:13 fields.0.from.1.column: unknown column mesage-id → did you mean message-id?',
  ])
})

test.each<[mistake: string, lines: string, problem: string]>([
  [
    'a custom key among the device rows',
    'device:\n  - { key: cs1, from: source, label: Source }',
    'own.yaml:15 device.0.key: cs1 has a label, and device rows follow the labels → put it in fields',
  ],
  [
    'additional data, mistyped',
    'additional: [custom-daat]',
    'own.yaml:14 additional.0: unknown column custom-daat → did you mean custom-data?',
  ],
  [
    'additional data twice',
    'additional: [tenant-id, { name: tenant-id, from: source }]',
    'own.yaml:14 additional.1: key used twice: tenant-id → keep one of the two rows',
  ],
  [
    'a converter that additional data does not have',
    'additional: [{ name: a, from: source, as: ip }]',
    'own.yaml:14 additional.0.as: must be one of: text, list, list-first, list-count',
  ],
  [
    'severity, mistyped',
    'severity: { from: evnt-id, default: 3, levels: {} }',
    'own.yaml:14 severity.from: unknown column evnt-id → did you mean event-id?',
  ],
  [
    'severity by something, mistyped',
    'severity: { from: event-id, default: 3, levels: {}, first: [{ from: sourc, levels: { A: 11 } }] }',
    'own.yaml:14 severity.first.0.levels.A: must be 0 to 10',
  ],
  [
    'a lookup without values',
    'lookups: { a: { default: x } }',
    'own.yaml:14 lookups.a.values: is missing → What each value becomes.',
  ],
  [
    'an unknown category',
    'categories: { SEND: { categoryOutcom: /Red } }',
    'own.yaml:14 categories.SEND.categoryOutcom: is no setting → did you mean categoryOutcome?',
  ],
  [
    'a category without its slash',
    'categories: { SEND: { categoryOutcome: Success } }',
    'own.yaml:14 categories.SEND.categoryOutcome: must begin with /, such as /Success',
  ],
])('%s', (_, lines, problem) => {
  expect(
    mistakesIn(ownTable(lines)).map((found) => found.replace(/^own\.yaml:1[2-5]/, problem.slice(0, 11))),
  ).toContain(problem)
})
