import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldText } from '../../../src/field-text.ts'
import { byFields } from '../../../src/map/by-fields.ts'
import type { Records } from '../../../src/types.ts'
import { plainLayout, recordsOf } from '../../support/records.ts'

const layout = plainLayout(3)

const shown = (records: Records, row: number): string =>
  `${records.source}: ${fieldText(records, row, 0)} / ${fieldText(records, row, 2)}`

describe('what is kept by the bytes of fields', () => {
  test('is made once for the same fields, whatever the others hold', () => {
    let calls = 0
    const kept = byFields([0, 2], (records, row) => `${shown(records, row)} ${++calls}`)
    const records = recordsOf(layout, [
      ['a', '1', 'b'],
      ['a', '2', 'b'],
      ['ab', '2', ''],
    ])
    expect([0, 1, 2, 0].map((row) => kept(records, row))).toEqual([
      `${shown(records, 0)} 1`,
      `${shown(records, 0)} 1`,
      `${shown(records, 2)} 2`,
      `${shown(records, 0)} 1`,
    ])
  })

  test('is of one source', () => {
    const kept = byFields([0], shown)
    const records = recordsOf(layout, [['a', '', 'b']])
    expect(kept(records, 0)).toBe(shown(records, 0))
    const others = { ...records, source: 'other' }
    expect(kept(others, 0)).toBe('other: a / b')
  })

  test('is always what would be made anew', () => {
    const field = fc.oneof(
      fc.constantFrom('', 'a', 'b', 'ab', '"', '""', 'ü', 'x'.repeat(126), 'x'.repeat(127), 'x'.repeat(200)),
      fc.string({ maxLength: 3 }).map((text) => text.replace(/[\r\n]/g, '')),
    )
    const kept = byFields([0, 2], shown)
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 20 }), (rows) => {
        const records = recordsOf(
          layout,
          rows.map(([a, b, c]) => [a, `-${b}`, c]),
        )
        for (let row = 0; row < records.count; row++) {
          expect(kept(records, row)).toBe(shown(records, row))
        }
      }),
    )
  })
})
