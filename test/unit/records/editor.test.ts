import { describe, expect, test } from 'vitest'
import { RecordsEditor } from '../../../src/records/editor.ts'
import { FieldFlag } from '../../../src/records/fields.ts'
import { fieldsIn, plainLayout, recordsOf } from '../../support/records.ts'

const records = recordsOf(plainLayout(2), [
  ['a;b', 'x'],
  ['c', 'y'],
])

describe('rows from rows', () => {
  test('keep what is not replaced, however much is', () => {
    const long = 'long '.repeat(8000)
    const editor = new RecordsEditor(records, 1)
    editor.copy(0)
    editor.replace(1, 'first')
    editor.copy(1)
    editor.replace(0, long)
    editor.copy(0)
    editor.replace(0, Buffer.from('last'))
    expect(fieldsIn(editor.records())).toEqual([
      ['a;b', 'first'],
      [long, 'y'],
      ['last', 'x'],
    ])
  })

  test('may have a part of a field, or what the row before has', () => {
    const editor = new RecordsEditor(records, 2)
    editor.copy(0)
    editor.narrow(0, records.starts[0]! + 2, records.ends[0]!)
    editor.replace(1, 'z')
    editor.copy(0)
    editor.repeat(1)
    expect(fieldsIn(editor.records())).toEqual([
      ['b', 'z'],
      ['a;b', 'z'],
    ])
  })

  test('know what their new values hold', () => {
    const editor = new RecordsEditor(records, 1)
    editor.copy(0)
    editor.replace(0, 'a=ü')
    expect(editor.records()).toMatchObject({ validUtf8: true })
    expect(editor.records().flags[0]).toBe(FieldFlag.escape | FieldFlag.high)
    editor.replace(1, Buffer.of(0xff))
    expect(editor.records()).toMatchObject({ validUtf8: false })
  })
})
