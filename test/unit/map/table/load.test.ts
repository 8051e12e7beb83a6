import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createMapper } from '../../../../src/map/mapper.ts'
import { loadDictionary, loadMapping, parseMapping } from '../../../../src/map/table/load.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { told } from '../../../support/told.ts'

const dictionary = loadDictionary()

/** A right table, with one place for mistakes of each kind. Line numbers matter below. */
const lines = [
  'name: own', //                                                                1
  'version: 1.0.0', //                                                           2
  'header:', //                                                                  3
  '  vendor: Microsoft', //                                                      4
  '  product: Exchange Server', //                                               5
  "  version: { from: [schema-version, '#Version'], default: unknown }", //      6
  '  eventClassId: { from: [event-id], default: UNKNOWN }', //                   7
  '  name: { from: [event-id], default: UNKNOWN }', //                           8
  'severity: { from: event-id, default: 3, levels: { FAIL: 6 } }', //            9
  'time: date-time', //                                                          10
  'plainPrefix: MicrosoftExchange', //                                           11
  'fields:', //                                                                  12
  '  - { key: rt, from: date-time, as: epoch-millis }', //                       13
  '  - { key: msg, from: message-subject }', //                                  14
  '  - { key: cs1, from: message-id, label: Message ID }', //                    15
  '  - { key: in, from: total-bytes, as: integer, overflow: total-bytes }', //   16
  'device:', //                                                                  17
  '  - { key: dvc, from: server-ip, as: ip }', //                                18
  'additional:', //                                                              19
  '  - custom-data', //                                                          20
  '  - tenant-id', //                                                            21
]

function problemsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof ProblemsError) {
      return told(error.problems).map(({ where, message, remedy }) =>
        remedy === undefined ? `${where}: ${message}` : `${where}: ${message} → ${remedy}`,
      )
    }
    throw error
  }
  return []
}

/** The problems of the table with some of its lines (1-based) replaced. */
function withLines(replaced: Readonly<Record<number, string>>): string[] {
  const text = lines.map((line, index) => replaced[index + 1] ?? line).join('\n')
  return problemsOf(() => parseMapping('own.yaml', text, { dictionary }))
}

test('a right table has no problems', () => expect(withLines({})).toEqual([]))

describe('a mistake is reported with its line and remedy', () => {
  test.each<[mistake: string, line: number, text: string, problem: string]>([
    [
      'unknown setting',
      11,
      'plainPrefix: M\nplainprefx: N',
      'own.yaml:12 plainprefx: is no setting → did you mean plainPrefix?',
    ],
    [
      'unknown setting in a row',
      14,
      '  - { key: msg, from: message-subject, colour: red }',
      'own.yaml:14 fields.1.colour: is no setting → the settings here are key, from, as, separator, capture, lookup, when, unless, label, overflow',
    ],
    [
      'unknown converter',
      14,
      '  - { key: msg, from: message-subject, as: words }',
      'own.yaml:14 fields.1.as: unknown converter → there are: text, integer, decimal, epoch-millis, ipv4, ipv6, ip, list, list-first, list-count',
    ],
    [
      'unknown CEF key, mistyped',
      14,
      '  - { key: mgs, from: message-subject }',
      'own.yaml:14 fields.1.key: unknown CEF key mgs → did you mean msg?',
    ],
    [
      'unknown CEF key, by its full name',
      18,
      '  - { key: deviceAddress, from: server-ip, as: ip }',
      'own.yaml:18 device.0.key: unknown CEF key deviceAddress → did you mean dvc?',
    ],
    [
      'unknown CEF key, like none',
      14,
      '  - { key: messageSubjectLine, from: message-subject }',
      'own.yaml:14 fields.1.key: unknown CEF key messageSubjectLine → take a key of mappings/cef-dictionary.yaml',
    ],
    [
      'key used twice, across sections',
      18,
      '  - { key: msg, from: server-ip }',
      'own.yaml:18 device.0.key: key used twice: msg → keep one of the two rows',
    ],
    [
      'additional data twice',
      21,
      '  - custom-data',
      'own.yaml:21 additional.1: key used twice: custom-data → keep one of the two rows',
    ],
    [
      'overflow that is additional data already',
      16,
      '  - { key: in, from: total-bytes, as: integer, overflow: tenant-id }',
      'own.yaml:16 fields.3.overflow: key used twice: tenant-id is additional data already',
    ],
    [
      'label without a custom key',
      14,
      '  - { key: msg, from: message-subject, label: Subject }',
      'own.yaml:14 fields.1.label: msg is no custom key and has no label → remove the label',
    ],
    [
      'custom key without a label',
      15,
      '  - { key: cs1, from: message-id }',
      'own.yaml:15 fields.2: custom key cs1 without a label → add `label:` with what the value is',
    ],
    [
      'label key as a key',
      14,
      '  - { key: cs2Label, from: message-subject }',
      'own.yaml:14 fields.1.key: cs2Label is a label → write label: in the row of cs2',
    ],
    [
      'label too long',
      15,
      `  - { key: flexString1, from: message-id, label: ${'x'.repeat(129)} }`,
      'own.yaml:15 fields.2.label: 129 bytes long; the limit is 128',
    ],
    [
      'label that would have to be escaped',
      15,
      "  - { key: cs1, from: message-id, label: 'a=b' }",
      'own.yaml:15 fields.2.label: must be text without `=`, `\\`, `|`, line breaks or outer spaces',
    ],
    [
      'converter that does not fit the key',
      13,
      '  - { key: rt, from: date-time, as: integer }',
      'own.yaml:13 fields.0.as: integer does not fit rt, which is of type timestamp → as: epoch-millis',
    ],
    [
      'text, by default, for a key that is none',
      18,
      '  - { key: dvc, from: server-ip }',
      'own.yaml:18 device.0: text does not fit dvc, which is of type ipv4 → as: ipv4 or ip',
    ],
    [
      'key whose type nothing converts to',
      14,
      '  - { key: smac, from: message-subject }',
      'own.yaml:14 fields.1: text does not fit smac, which is of type mac → take another key',
    ],
    [
      'overflow of text',
      14,
      '  - { key: msg, from: message-subject, overflow: whole-subject }',
      'own.yaml:14 fields.1.overflow: only numbers overflow → add `as: integer`, or leave overflow out',
    ],
    [
      'a role that is none',
      14,
      '  - { key: msg, from: message-subject, when: { role of client-ip: [other, peer] } }',
      'own.yaml:14 fields.1.when.role of client-ip: peer is no role → there are: writer, other, itself, unknown',
    ],
    [
      'condition on no column',
      14,
      '  - { key: msg, from: message-subject, when: {} }',
      'own.yaml:14 fields.1.when: names no column',
    ],
    [
      'condition without values',
      14,
      '  - { key: msg, from: message-subject, when: { source: [] } }',
      'own.yaml:14 fields.1.when.source: names no value',
    ],
    [
      'row without a column',
      14,
      '  - { key: msg }',
      'own.yaml:14 fields.1.from: is missing → A column, or several: the first that is not empty.',
    ],
    [
      'column in capitals',
      14,
      '  - { key: msg, from: Subject }',
      'own.yaml:14 fields.1.from: is no column name: lower-case words joined by hyphens',
    ],
    [
      'version',
      2,
      'version: v1',
      'own.yaml:2 version: must be three numbers, the first of them not 0, such as 1.0.0',
    ],
    ['version as a number', 2, 'version: 1.0', 'own.yaml:2 version: must be text → put it in quotes'],
    [
      'severity out of range',
      9,
      'severity: { from: event-id, default: 3, levels: { FAIL: 11 } }',
      'own.yaml:9 severity.levels.FAIL: must be 0 to 10',
    ],
    [
      'vendor too long',
      4,
      `  vendor: ${'x'.repeat(64)}`,
      'own.yaml:4 header.vendor: 64 bytes long; the limit is 63',
    ],
    [
      'log version before a column',
      6,
      "  version: { from: ['#Version', schema-version], default: unknown }",
      'own.yaml:6 header.version.from: #Version must be the last one',
    ],
    [
      'empty default',
      8,
      "  name: { from: [event-id], default: '' }",
      'own.yaml:8 header.name.default: must be text without `=`, `\\`, `|`, line breaks or outer spaces',
    ],
  ])('%s', (_, line, text, problem) => expect(withLines({ [line]: text })).toEqual([problem]))

  test('all at once, mistakes of the shape and of the meaning', () => {
    const problems = withLines({
      2: 'version: 1',
      13: '  - { key: rt, from: date-time, as: epoch-millis, colour: red }',
      14: '  - { key: mgs, form: message-subject }',
      15: '  - { key: cs1, from: message-id }',
    })
    expect(problems.map((problem) => problem.split(':')[1]?.split(' ')[0]).sort()).toEqual(
      ['2', '13', '14', '14', '14', '15'].sort(),
    )
  })

  test('text that is no YAML', () => {
    expect(withLines({ 5: '  product: [' })[0]).toMatch(/^own\.yaml:\d+:\d+: /)
  })

  test.each(['', '[]', 'just words', 'fields: 3', 'fields: [1, null]'])(
    'something else altogether: %s',
    (text) => {
      expect(problemsOf(() => parseMapping('own.yaml', text, { dictionary }))).not.toEqual([])
    },
  )
})

describe('a table is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'msgtrk-map-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([
    ['exchange-2013', 'exchange-2013.v1'],
    ['exchange-2013.v1', 'exchange-2013.v1'],
    ['exchange-2007', 'exchange-2007.v1'],
  ])('by the name %s', (name, id) => expect(loadMapping(name, { dictionary }).id).toBe(id))

  test('by its path', () => {
    const path = join(folder, 'own.yaml')
    writeFileSync(path, lines.join('\n').replace('1.0.0', '12.3.4'))
    expect(loadMapping(path, { dictionary }).id).toBe('own.v12')
  })

  test('problems of a file name its path', () => {
    const path = join(folder, 'wrong.yaml')
    writeFileSync(path, lines.join('\n').replace('key: msg', 'key: nothing-like-it'))
    expect(problemsOf(() => loadMapping(path, { dictionary }))[0]).toMatch(
      `${path}:14 fields.1.key: unknown CEF key`,
    )
  })

  test.each([
    ['exchange-2016', 'mapping: there is no table and no file exchange-2016 → did you mean exchange-2013?'],
    [
      'something',
      expect.stringMatching(
        /^mapping: there is no table and no file something → built-in tables: exchange-2007, exchange-2007\.v1, .*exchange-modern\.v\d+/,
      ),
    ],
    [
      './absent.yaml',
      "mapping: can't read ./absent.yaml (ENOENT) → give the path of a file that this user may read",
    ],
  ])('or not: %s', (name, problem) => {
    expect(problemsOf(() => loadMapping(name, { dictionary }))).toEqual([problem])
  })

  test('and its mistakes show when the mapper is created', () => {
    const path = join(folder, 'new-key.yaml')
    writeFileSync(path, lines.join('\n').replace('{ key: msg,', '{ key: threatActor,'))
    const create = (cefVersion: 0 | 1) =>
      problemsOf(() => createMapper({ mapping: path, cefVersion, additionalData: 'none' }))
    expect(create(0)).toEqual([
      `${path}:14 fields.1.key: threatActor is new in CEF 1.2 → set cefVersion to 1`,
    ])
    expect(create(1)).toEqual([])
  })
})
