import { describe, expect, it } from 'vitest'
import { rewriteRows } from '../../../src/records/rewrites.ts'
import { fieldsIn, plainLayout, recordsOf } from '../../support/records.ts'

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
