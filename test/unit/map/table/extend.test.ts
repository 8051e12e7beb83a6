import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createMapper } from '../../../../src/map/mapper.ts'
import { loadDictionary, loadMapping, parseMapping } from '../../../../src/map/table/load.ts'
import { mistakesIn, oneRow, ownTable, problemsOf } from '../own-table.ts'

const dictionary = loadDictionary()
const base = loadMapping('exchange-2013.v1', { dictionary }).content

/** The text of a table that extends another one. */
function extension(lines: string, from = 'exchange-2013.v1'): string {
  return `name: ours\nversion: 2.1.0\nextends: ${from}\n${lines}\n`
}

function contentOf(lines: string, from?: string) {
  return parseMapping('own.yaml', extension(lines, from), { dictionary }).content
}

const keysOf = (rows: readonly { readonly key: string }[]) => rows.map(({ key }) => key)

describe('a table that extends another one', () => {
  test('is the other one where it says nothing', () => {
    const table = parseMapping('own.yaml', extension(''), { dictionary })
    const { name, version, description, for: logs, ...rest } = base
    expect(table).toMatchObject({ id: 'ours.v2', extends: 'exchange-2013.v1' })
    expect(table.content).toEqual({ name: 'ours', version: '2.1.0', ...rest })
    expect([name, version, logs]).toEqual(['exchange-2013', '1.0.0', { with: ['network-message-id'] }])
    expect(description).toBeDefined()
  })

  test('replaces a row in its place', () => {
    const { fields } = contentOf('fields: [{ key: src, from: client-ip, as: ipv4 }]')
    expect(keysOf(fields)).toEqual(keysOf(base.fields))
    expect(fields.find(({ key }) => key === 'src')).toEqual({ key: 'src', from: 'client-ip', as: 'ipv4' })
  })

  test('puts other rows at the end, or where they say', () => {
    const { fields, device } = contentOf(`fields:
  - { key: app, from: source }
  - { key: act, from: event-id, after: msg }
  - { key: outcome, from: event-id, before: rt }
  - { key: reason, from: event-id, after: act }
device:
  - { key: dvcpid, from: message-info, as: integer, before: dvc }`)
    expect(keysOf(fields).slice(0, 5)).toEqual(['outcome', 'rt', 'msg', 'act', 'reason'])
    expect(keysOf(fields).at(-1)).toBe('app')
    expect(fields).toHaveLength(base.fields.length + 4)
    expect(keysOf(device)).toEqual(['dvchost', 'dvcpid', 'dvc'])
    expect(fields.every((row) => !('before' in row) && !('after' in row))).toBe(true)
  })

  test('moves a row that it writes anew beside another, or in the other section', () => {
    const moved = contentOf(`fields: [{ key: duser, from: recipient-address, before: suser }]
device: [{ key: shost, from: client-hostname }, { key: cat, from: source }]`)
    const keys = keysOf(moved.fields)
    expect(keys.indexOf('duser')).toBe(keys.indexOf('suser') - 1)
    expect(keys).not.toContain('cat')
    expect(keys).toHaveLength(base.fields.length - 1)
    expect(keysOf(moved.device)).toEqual(['dvchost', 'dvc', 'shost', 'cat'])
  })

  test('removes rows and additional data', () => {
    const { fields, device, additional } = contentOf('remove: [cs5, dvc, custom-data]')
    expect(keysOf(fields)).toEqual(keysOf(base.fields).filter((key) => key !== 'cs5'))
    expect(keysOf(device)).toEqual(['dvchost'])
    expect(additional).toEqual(base.additional.filter((name) => name !== 'custom-data'))
  })

  test('adds to severity, lookups, categories and additional data, and changes the header', () => {
    const changed = contentOf(`severity: { default: 2, levels: { FAIL: 9, NEW: 1 } }
lookups: { a: { values: { A: b } } }
categories: { SEND: { categoryOutcome: /Success } }
header: { product: Mail }
plainPrefix: Mail
additional: [log-id, { name: tenant-id, from: tenant-id, as: list-first }]`)
    expect(changed.severity).toMatchObject({ from: 'event-id', default: 2 })
    expect(changed.severity.levels).toEqual({ ...base.severity.levels, FAIL: 9, NEW: 1 })
    expect(changed).toMatchObject({ plainPrefix: 'Mail', lookups: { a: { values: { A: 'b' } } } })
    expect(changed.header).toEqual({ ...base.header, product: 'Mail' })
    expect(changed.categories).toEqual({ SEND: { categoryOutcome: '/Success' } })
    expect(changed.additional).toEqual(
      [...base.additional, 'log-id'].map((name) =>
        name === 'tenant-id' ? { name, from: name, as: 'list-first' } : name,
      ),
    )
  })

  test('has the lookups of the other one', () => {
    expect(
      contentOf('fields: [{ key: msg, from: event-id, lookup: action }]', 'exchange-modern.v1').name,
    ).toBe('ours')
  })
})

test.each<[mistake: string, lines: string, problem: string]>([
  [
    'a row to remove that is not there',
    'remove: [cs7]',
    'own.yaml:4 remove.0: the table it extends has no cs7 → did you mean cs1?',
  ],
  [
    'a row removed and written',
    'remove: [msg]\nfields: [{ key: msg, from: source }]',
    'own.yaml:4 remove.0: msg is removed and written anew → a row replaces the old one by itself',
  ],
  [
    'a neighbour that is not there',
    'fields: [{ key: act, from: source, after: dvchst }]',
    'own.yaml:4 fields.0.after: there is no row dvchst to put act beside → ',
  ],
  [
    'two neighbours',
    'fields: [{ key: act, from: source, after: msg, before: rt }]',
    'own.yaml:4 fields.0.after: a row is put either before or after another → keep one of the two',
  ],
  [
    'a key used twice',
    'fields: [{ key: act, from: source }, { key: act, from: event-id }]',
    'own.yaml:4 fields.1.key: key used twice: act → keep one of the two rows',
  ],
  [
    'a CEF key, mistyped',
    'fields: [{ key: atc, from: source }]',
    'own.yaml:4 fields.0.key: unknown CEF key atc → did you mean act?',
  ],
  [
    'additional data that numbers overflow to',
    'additional: [total-bytes]',
    'own.yaml:4 additional.0: key used twice: a number that is too large goes to total-bytes',
  ],
  [
    'an overflow to additional data',
    'fields: [{ key: cn2, from: recipient-count, as: integer, label: N, overflow: tenant-id }]',
    'own.yaml:4 fields.0.overflow: key used twice: tenant-id is additional data already',
  ],
  ['an unknown setting', 'columns: 3', 'own.yaml:4 columns: is no setting'],
  [
    'a lookup of neither',
    'fields: [{ key: act, from: source, lookup: actoin }]',
    'own.yaml:4 fields.0.lookup: there is no lookup actoin → there are: none; write one under lookups:',
  ],
])('%s is a mistake', (_, lines, problem) => {
  const [found, ...others] = mistakesIn(extension(lines))
  expect(found?.slice(0, problem.length)).toBe(problem)
  expect(others).toEqual([])
})

test('a row has a neighbour only in a table that extends another one', () => {
  const settings =
    'the settings here are key, from, as, separator, capture, lookup, when, unless, label, overflow'
  expect(mistakesIn(oneRow('from: source, before: rt'))).toEqual([
    `own.yaml:13 fields.0.before: is no setting → ${settings}`,
  ])
})

describe('the table it extends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'msgtrk-extend-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (name: string, text: string) => {
    mkdirSync(join(folder, 'sub'), { recursive: true })
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const load = (path: string) => loadMapping(path, { dictionary })

  test.each([
    ['exchange-2012.v1', 'there is no table and no file exchange-2012.v1 → did you mean exchange-2013.v1?'],
    ['./absent.yaml', "can't read ./absent.yaml (ENOENT) → give the path of a file that this user may read"],
  ])('can be unknown: %s', (from, problem) => {
    expect(mistakesIn(extension('', from))).toEqual([`own.yaml:3 extends: ${problem}`])
  })

  test('can be missing', () => {
    expect(mistakesIn('name: ours\nversion: 1.0.0\nextends: 3')).toEqual([
      'own.yaml:3 extends: must be text → put it in quotes',
    ])
  })

  test('may be a file, found from the folder of the one that extends it', () => {
    write('sub/first.yaml', extension('fields: [{ key: act, from: event-id }]'))
    const second = write('second.yaml', extension('remove: [act, cs1]', 'sub/first.yaml'))
    const third = write('sub/third.yaml', extension('', '../second.yaml'))
    const table = load(third)
    expect(keysOf(table.content.fields)).toEqual(keysOf(base.fields).filter((key) => key !== 'cs1'))
    expect([load(second).extends, table.extends]).toEqual(['ours.v2', 'ours.v2'])
  })

  test('has its own mistakes, told with those of the other', () => {
    const wrong = write('wrong.yaml', extension('fields: [{ key: atc, from: source }]'))
    const path = write('over-wrong.yaml', extension('colour: red', './wrong.yaml'))
    expect(problemsOf(() => load(path))).toEqual([
      `${wrong}:4 fields.0.key: unknown CEF key atc → did you mean act?`,
      expect.stringMatching(
        /over-wrong.yaml:4 colour: is no setting → the settings here are extends, name, /,
      ),
    ])
  })

  test('may not lead back', () => {
    const one = write('one.yaml', extension('', './two.yaml'))
    const two = write('two.yaml', extension('', './one.yaml'))
    const self = write('self.yaml', extension('', './self.yaml'))
    const remedy = 'let one of them stand on its own'
    expect(problemsOf(() => load(one))).toEqual([
      `${two}:3 extends: the tables extend each other: ${one} → ${two} → ${one} → ${remedy}`,
    ])
    expect(problemsOf(() => load(self))).toEqual([
      `${self}:3 extends: the tables extend each other: ${self} → ${self} → ${remedy}`,
    ])
  })

  test('may have a key that is too new, at its own line', () => {
    const newKey = write('new.yaml', ownTable('fields: [{ key: threatActor, from: source }]'))
    const create = (lines: string) => () =>
      createMapper({
        mapping: write('over-new.yaml', extension(lines, './new.yaml')),
        cefVersion: 0,
        additionalData: 'none',
      })
    const problem = `${newKey}:12 fields.0.key: threatActor is new in CEF 1.2 → set cefVersion to 1`
    expect(problemsOf(create(''))).toEqual([problem])
    expect(problemsOf(create('remove: [threatActor]'))).toEqual([])
  })
})

describe('features', () => {
  const offering = ownTable(`offered:
  one:
    description: what an event did
    lookups: { of-one: { values: { SEND: sent } } }
    fields: [{ key: act, from: event-id, lookup: of-one, before: rt }]
    additional: [log-id]
  two: { description: the device, device: [{ key: dvc, from: server-ip, as: ip }] }
`)
  const folder = mkdtempSync(join(tmpdir(), 'features-'))
  const base = join(folder, 'offering.yaml')
  writeFileSync(base, offering)
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([
    ['[]', ['rt'], [], []],
    ['[one, two]', ['act', 'rt'], ['dvc'], ['log-id']],
    [
      '[one]\nremove: [log-id]\nfields: [{ key: cat, from: event-id, lookup: of-one, after: act }]',
      ['act', 'cat', 'rt'],
      [],
      [],
    ],
  ])('%s', (features, fields, device, additional) => {
    const content = contentOf(`features: ${features}`, base)
    expect(keysOf(content.fields)).toEqual(fields)
    expect(keysOf(content.device)).toEqual(device)
    expect(content.additional).toEqual(additional)
    expect(Object.keys(content.offered)).toEqual(['one', 'two'])
  })

  test.each([
    ['[on]', 'own.yaml:4 features.0: the table it extends offers no on → did you mean one?'],
    ['[other]', 'own.yaml:4 features.0: the table it extends offers no other → it offers one, two'],
  ])('that are not offered: %s', (features, problem) => {
    expect(mistakesIn(extension(`features: ${features}`, base))).toEqual([problem])
  })

  test('are checked where they are offered', () => {
    const wrong = offering.replace('key: act', 'key: axt').replace('lookup: of-one', 'lookup: off-one')
    expect(mistakesIn(wrong)).toEqual([
      expect.stringMatching(/offered\.one\.fields\.0\.lookup: there is no lookup off-one/),
      expect.stringMatching(/offered\.one\.fields\.0\.key: unknown CEF key axt/),
    ])
  })
})
