/** What a value says that it is made of, held against what it is made of: what is kept by these fields must be right. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventPlan, Inputs } from '../../src/flow/plan.ts'
import { roles } from '../../src/map/table/roles.ts'
import { fieldText, trimBlanks } from '../../src/records/fields.ts'
import { holdsRun, shapeOf } from '../../src/records/shape.ts'
import { isSameServer } from '../../src/records/writer.ts'
import { layoutOf, recordsOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'
import { ownTable, planOf } from '../unit/map/own-table.ts'

const columns = [
  'event-id', 'source', 'client-ip', 'server-ip', 'client-hostname', 'server-hostname', 'connector-id',
  'recipient-status', 'custom-data',
] // biome-ignore format: a list of words
/** One that the layout lacks, too, and the name of the source. */
const name = fc.constantFrom(...columns, 'tenant-id', '#Source', 'S:A', 'S:AB')
const text = fc.constantFrom('', ' ', 'a', 'b', 'SEND', 'a"b', 'é')
const member = fc.constantFrom('', ' ', 'S:A', 'S:A=a', 'S:A=', "'S:AB=a;b'", 'XS:A=b', 'S:A=a;S:AB=b')

const role = fc.record(
  {
    'role of client-ip': fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1 }),
    'role of server-hostname': fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1 }),
  },
  { requiredKeys: ['role of client-ip'] },
)
const condition = fc.oneof(
  { weight: 1, arbitrary: role as fc.Arbitrary<Record<string, string[]>> },
  {
    weight: 2,
    arbitrary: fc.dictionary(name, fc.uniqueArray(text, { minLength: 1, maxLength: 2 }), {
      minKeys: 1,
      maxKeys: 2,
    }),
  },
)
const isEmpty = fc.dictionary(name, fc.constant(['']), { minKeys: 1, maxKeys: 2 })
const through = fc.record(
  {
    capture: fc.constantFrom(
      '^(.)',
      'a+',
      '"',
      '^[^%]*[^0-9A-Fa-f.:%].*$',
      '[^:.0-9a-fA-F%]+',
      "(?:^|[;']|LED=)([45])\\d\\d[ -]",
      '(?:^| \\| )([45]\\d\\d[ -].*?)(?: \\| |$)',
      'LED=([^}]*)',
      "\\d[45]['|]",
      'aa+b',
    ),
    lookup: fc.constant('known'),
  },
  { requiredKeys: [] },
)
const where = fc.oneof(
  fc.constant({}),
  fc.oneof(condition, isEmpty).map((when) => ({ when })),
  fc.oneof(condition, isEmpty).map((unless) => ({ unless })),
  fc.tuple(condition, isEmpty).map(([when, unless]) => ({ when, unless })),
)
const steps = fc.tuple(fc.oneof(fc.constant({}), through), where).map(([how, when]) => ({ ...how, ...when }))
const place = fc.oneof(
  fc.constantFrom(...columns, '#Source').map((column) => ({ column })),
  fc.constantFrom('S:A', 'S:AB').map((custom) => ({ custom })),
  fc.uniqueArray(name, { minLength: 1, maxLength: 2 }).map((names) => ({
    template: names.map((one) => `{${one}}`).join(' of '),
  })),
  fc.constant({ constant: 'k' }),
)
const list = fc.constantFrom({}, {}, { as: 'list', separator: ' | ' }, { as: 'list' }, { as: 'list-first' })
const part = fc.tuple(place, list, steps).map(([of, as, through]) => ({ ...of, ...as, ...through }))
const value = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), steps)
  .map(([from, through]) => ({ from, ...through }))
/** A list with replies, whole and nearly so. */
const reply = fc
  .array(
    fc.constantFrom(
      '450 a', ' 451-b', '45', '2450 c', '550', "'", "''", ';', ' ', '250 2.0.0 Ok', '[{LED=550 5.1.1 d};{MSG=}]',
      "'553 e; queued'", 'aab', 'aaab', '4', '"', 'LED=', '\t',
    ), // biome-ignore format: a list of texts
    { maxLength: 5 },
  )
  .map((pieces) => pieces.join(''))
const event = fc.constantFrom('', ' SEND', 'SEND', 'RECEIVE', 'FAIL', 'SUBMIT', 'a')
const host = fc.constantFrom('', ' ', 'ex01', 'EX02', 'ex01.example', 'mx.example', 'a')
const ip = fc.oneof(text, fc.constantFrom('', '10.0.0.1', '192.0.2.7', '::1'))
const connector = fc.constantFrom('', 'EX01\\Default', 'to smart host', 'a')
const row = fc.tuple(
  fc.oneof(event, text),
  text,
  ip,
  ip,
  host,
  host,
  connector,
  fc.oneof(reply, text),
  fc.oneof(member, text),
)
const pairs = fc.array(fc.tuple(row, row), { minLength: 10, maxLength: 20 })

/** The plan of a table with this value and this lookup of severity. */
function planWith(field: object, first: object): EventPlan {
  const severity = { first: [{ ...first, levels: { a: 1, b: 2, SEND: 3, '': 4, k: 5 } }], from: 'source' }
  const lines = {
    severity: { ...severity, default: 3, levels: {} },
    lookups: { known: { values: { a: 'A', SEND: 'sent' }, default: 'other' } },
    fields: [{ key: 'msg', ...field }],
    categories: { SEND: { categoryOutcome: '/Success' } },
  }
  const written = Object.entries(lines).map(([key, content]) => `${key}: ${JSON.stringify(content)}`)
  return planOf(ownTable(written.join('\n')), columns)
}

const shape = (field = ''): number => {
  const bytes = Buffer.from(field)
  return shapeOf(bytes, 0, bytes.length)
}
const isBlank = (field = ''): boolean => /^[ \t]*$/.test(field)

/** The row, with all of another one that a value with these inputs does not look at; null where it may be all. */
function alike(inputs: Inputs, one: readonly string[], other: readonly string[]): string[] | null {
  const { first, columns: whole, blanks, shapes, sides, unless } = inputs
  const made = one.map((field, column) => {
    const isAlike =
      (column !== first || (isBlank(field) && isBlank(other[column]))) &&
      (!blanks.includes(column) || isBlank(field) === isBlank(other[column])) &&
      (!shapes.includes(column) || shape(field) === shape(other[column]))
    return whole.includes(column) || !isAlike ? field : (other[column] ?? '')
  })
  const isMore = [one, made].some((row) =>
    unless.some(({ column, text }) => {
      const field = Buffer.from(row[column] ?? '')
      if (text === null) return /[^0-9A-Fa-f.:%]/.test(`${field}`)
      return Buffer.isBuffer(text) ? field.includes(text) : holdsRun(field, 0, field.length, text)
    }),
  )
  const isSame = (row: readonly string[]) =>
    sides !== null && isSameServer({ records: recordsOf(layoutOf(columns), [row]), row: 0 }, sides)
  return isMore || isSame(one) !== isSame(made) ? null : made
}

test('rows that are alike in what a value is made of have the same value', () => {
  fc.assert(
    fc.property(value, value, pairs, (field, first, rows) => {
      const plan = planWith(field, first)
      for (const value of [...plan.fields, plan.severity]) {
        const { derive, inputs } = value
        if (!derive || !inputs) continue
        const chooses = 'chooses' in value ? value.chooses : null
        const twins = rows.flatMap(([one, other]) => {
          const second = alike(inputs, one, other)
          return second === null ? [] : [one, second]
        })
        // One more row, as there may be no other, and column, or a row without a value would be an empty line.
        const records = recordsOf(layoutOf([...columns, 'filler']), [
          columns.concat('filler'),
          ...twins.map((row) => [...row, 'x']),
        ])
        for (let at = 1; at < records.count; at += 2) {
          const column = chooses?.(records, at) ?? -1
          if (!twins[at - 1]?.[inputs.first]?.trim()) expect(chooses?.(records, at + 1) ?? -1).toBe(column)
          if (column < 0) expect(derive(records, at + 1)).toBe(derive(records, at))
          for (const row of column < 0 ? [] : [at, at + 1]) {
            expect(derive(records, row)).toBe(trimBlanks(fieldText(records, row, column)))
          }
          const copied = twins[at - 1]?.[inputs.first]?.replace(/^[ \t]+|[ \t]+$/g, '')
          if (copied) expect(derive(records, at)).toBe(copied)
        }
      }
    }),
    { numRuns: runs(400) },
  )
})
