import { describe, expect, it } from 'vitest'
import type { Rewrite } from '../../../src/flow/plan.ts'
import { RecordsEditor } from '../../../src/records/editor.ts'
import { inOrder, rewriteRows } from '../../../src/records/rewrites.ts'
import { fieldsIn, plainLayout, recordsOf } from '../../support/records.ts'

/** Each row twice, with the text behind its field. */
const twice =
  (text: string): Rewrite =>
  (records, rows) => {
    const editor = new RecordsEditor(records, 1)
    for (const row of rows) {
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
    expect(fieldsIn(both?.(records, Uint32Array.of(1)) ?? records)).toEqual([
      ['ya1b1'],
      ['ya1b2'],
      ['ya2b1'],
      ['ya2b2'],
    ])
  })
})

describe('rows edited', () => {
  const records = recordsOf(plainLayout(2), [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ])
  const all = Uint32Array.of(0, 1, 2)

  it('are the records themselves when nothing of them is replaced', () => {
    expect(rewriteRows(records, all, () => {})).toBe(records)
  })

  it('are only those asked for, in their order', () => {
    expect(fieldsIn(rewriteRows(records, Uint32Array.of(0, 2), () => {}))).toEqual([
      ['a', '1'],
      ['c', '3'],
    ])
    expect(rewriteRows(records, Uint32Array.of(), () => {}).count).toBe(0)
  })

  it('have what was replaced, whichever row that is', () => {
    for (const changed of all) {
      const edited = rewriteRows(records, all, (row, replace) => {
        if (row !== changed) return
        replace(1, 'x')
        replace(0, Buffer.from('longer'))
      })
      expect(fieldsIn(edited)).toEqual(
        fieldsIn(records).map((fields, row) => (row === changed ? ['longer', 'x'] : fields)),
      )
    }
    expect(fieldsIn(records)[0]).toEqual(['a', '1'])
  })
})
