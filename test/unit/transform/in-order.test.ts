import { describe, expect, it } from 'vitest'
import type { RewriteInParts } from '../../../src/flow/plan.ts'
import { atOnce } from '../../../src/records/at-once.ts'
import { RecordsEditor } from '../../../src/records/editor.ts'
import { inOnePart, inOrder } from '../../../src/transform/in-order.ts'
import { fieldsIn, plainLayout, recordsOf } from '../../support/records.ts'

/** Each row twice, with the text behind its field; a part for each. */
const twice = (text: string): RewriteInParts =>
  function* (records, rows) {
    const editor = new RecordsEditor(records, 1)
    for (const row of rows) {
      yield
      for (const copy of [1, 2]) {
        editor.copy(row)
        editor.replace(0, `${fieldsIn(records)[row]?.[0]}${text}${copy}`)
      }
    }
    return editor.records()
  }

describe('rewrites in order', () => {
  const records = recordsOf(plainLayout(1), [['x'], ['y']])

  it('are none without any', () => {
    expect(inOrder([])).toBeNull()
    expect(inOrder([null, null])).toBeNull()
  })

  it('are the only one there is', () => {
    const only = twice('a')
    expect(inOrder([null, only])).toBe(only)
  })

  it('get the rows that the one before made, all of them', () => {
    const both = inOrder([twice('a'), null, twice('b')])
    expect(fieldsIn(both === null ? records : atOnce(both(records, Uint32Array.of(1))))).toEqual([
      ['ya1b1'],
      ['ya1b2'],
      ['ya2b1'],
      ['ya2b2'],
    ])
  })
  it('give other work its turn wherever one of them does', () => {
    const both = inOrder([twice('a'), inOnePart((records) => records), twice('b')])
    expect(Array.from(both?.(records, Uint32Array.of(0, 1)) ?? [])).toHaveLength(2 + 4)
  })
})
