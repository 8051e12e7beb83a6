import { describe, expect, test } from 'vitest'
import { checkLabels, checkSourceLabels, withLabels } from '../../../../src/map/compile/label-text.ts'
import { loadDictionary, parseMapping } from '../../../../src/map/table/load.ts'
import { version } from '../../../../src/package/version.ts'
import { reportPlan } from '../../../../src/report/plan.ts'
import { eventPlan, valuePlan } from '../../../support/records.ts'

function labelled(...texts: readonly string[]): readonly (string | undefined)[] {
  const fields = texts.map((text) => valuePlan({ label: { key: 'cs1Label', text } }))
  const plan = withLabels(eventPlan({ fields: [...fields, valuePlan({})] }), 'underscore')
  return plan.fields.map(({ label }) => label?.text)
}

describe('labels: underscore', () => {
  test('leaves what may stand in the name of a field', () => {
    expect(labelled('Message ID', 'a.b@c-d_e 1', 'Größe  (Bytes)')).toEqual([
      'Message_ID',
      'a.b@c-d_e_1',
      'Gr_e_Bytes_',
      undefined,
    ])
  })

  test('holds for reports as well', () => {
    const { fields } = withLabels(reportPlan(version, 0), 'underscore')
    const labels = fields.flatMap(({ label }) => label?.text ?? [])
    expect(labels).toContain('Rows_Read')
    expect(labels.join('')).not.toContain(' ')
  })

  test('space changes nothing', () => {
    const plan = eventPlan({ fields: [valuePlan({ label: { key: 'cs1Label', text: 'Message ID' } })] })
    expect(withLabels(plan, 'space')).toBe(plan)
  })
})

describe('a table whose labels can not be told apart with underscores', () => {
  const text = `extends: exchange-2013.v1
name: mine
version: 1.0.0
description: labels
fields:
  - { key: cs5, from: source-context, label: 'Message+ID' }
  - { key: cs6, from: return-path, label: '返回路径' }
`
  const { content, placeOf } = parseMapping('mine.yaml', text, { dictionary: loadDictionary() })

  test('has mistakes, each at its place', () => {
    expect(checkLabels(content, 'underscore', placeOf)).toEqual([
      {
        where: { file: 'mine.yaml', line: 6, setting: ['fields', 0, 'key'] },
        message: 'with labels: underscore its label is Message_ID, as that of cs2',
        remedy: 'write another label in ASCII letters and digits',
      },
      {
        where: { file: 'mine.yaml', line: 7, setting: ['fields', 1, 'key'] },
        message: 'with labels: underscore nothing of the label "返回路径" is left',
        remedy: 'write another label in ASCII letters and digits',
      },
    ])
  })

  test('has none with spaces', () => {
    expect(checkLabels(content, 'space', placeOf)).toEqual([])
  })
})

describe('labels of constants of a source', () => {
  const dictionary = loadDictionary()
  const fields = [{ key: 'cs2', from: 'message-id', label: 'Message ID' }]
  const messagesOf = (
    constants: Readonly<Record<string, string>>,
    style: 'space' | 'underscore' = 'underscore',
  ) =>
    checkSourceLabels({ fields }, new Map([['EX01', constants]]), dictionary, style).map(
      ({ message }) => message,
    )

  test('can be told from those of the table and of each other', () => {
    expect(messagesOf({ cs6: 'x', cs6Label: 'Message+ID' })).toEqual([
      'underscore: as that of cs2 is the label "Message+ID" of cs6, a constant of source EX01',
    ])
    expect(messagesOf({ cs5: 'x', cs5Label: 'a b', cs6: 'y', cs6Label: 'a+b' })).toHaveLength(1)
    expect(messagesOf({ cs6: 'x', cs6Label: '返回' })).toHaveLength(1)
  })

  test('may be that of the key whose place they take, and any with spaces', () => {
    expect(messagesOf({ cs2: 'x', cs2Label: 'Message+ID' })).toEqual([])
    expect(messagesOf({ cs6: 'x', cs6Label: 'Message+ID' }, 'space')).toEqual([])
  })
})
