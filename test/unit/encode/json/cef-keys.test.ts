import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../../src/encode/byte-writer.ts'
import { cefKeys } from '../../../../src/encode/json/cef-keys.ts'
import type { EventPlan } from '../../../../src/flow/plan.ts'
import { type Bytes, eventPlan, plainLayout, recordsOf, valuePlan } from '../../../support/records.ts'

const counted = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }

/** The line of one row, whose fields are these, and what became of its values. */
function made(fields: readonly Bytes[], plan: Partial<EventPlan>, cap = 64_000) {
  const out = new ByteWriter(16)
  const counts = { ...counted }
  const layout = plainLayout(fields.length)
  const form = cefKeys('breaks')
  form.begin?.({ file: { id: '', source: '', path: '' } }, Date.UTC(2026, 10, 28))
  form.prepare(eventPlan(plan), layout)(recordsOf(layout, [fields]), 0, out, cap, counts)
  return { line: out.bytes.toString('utf8', 0, out.length), counts }
}

const header =
  '{"deviceVendor":"Vendor","deviceProduct":"Product","deviceVersion":"1.0","deviceEventClassId":"ID","name":"Name","severity":3'

describe('an object with the keys of CEF', () => {
  test('has the header first, then keys and their labels in the order of the event, and no trailer', () => {
    const label = { key: 'cs1Label', text: 'A "label"' }
    const plan = {
      fields: [valuePlan({ key: 'suser' }), valuePlan({ key: 'cs1', column: 1, label })],
      device: [valuePlan({ key: 'dvchost', column: 2 })],
      additional: [valuePlan({ key: 'ad.custom-data', column: 1 })],
    }
    expect(made(['a@x', 'b', ''], plan).line).toBe(
      `${header},"suser":"a@x","cs1":"b","cs1Label":"A \\"label\\"","ad.custom-data":"b"}`,
    )
  })

  test('escapes what JSON wants escaped, and holds no control and no separator of lines', () => {
    const bytes = Buffer.from('","name":"x\\ \t\u0001\u007f\u2028\u0085é😀')
    expect(made([bytes], { fields: [valuePlan({ key: 'msg' })] }).line).toBe(
      `${header},"msg":"\\",\\"name\\":\\"x\\\\ \\t\ufffd\ufffd\ufffd\ufffdé😀"}`,
    )
    expect(
      made([Buffer.of(0x61, 0xff, 0xed, 0xa0, 0x80)], { fields: [valuePlan({ key: 'msg' })] }).line,
    ).toMatch(/,"msg":"a\ufffd+"\}$/)
  })

  test.each([
    ['0', '0'],
    ['007', '7'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740992', '"9007199254740992"'],
    ['9223372036854775807', '"9223372036854775807"'],
  ])('has the number %s as %s', (written, expected) => {
    const plan = { fields: [valuePlan({ key: 'cn1', as: 'integer', max: 2n ** 63n - 1n })] }
    expect(made([written], plan).line).toBe(`${header},"cn1":${expected}}`)
  })

  test('has what is too large for a key as a text of its own', () => {
    const value = valuePlan({ key: 'in', as: 'integer', max: 2147483647n, overflowKey: 'ad.total-bytes' })
    expect(made(['99999999999'], { fields: [value] })).toEqual({
      line: `${header},"in":2147483647,"ad.total-bytes":"99999999999"}`,
      counts: { ...counted, clamped: 1 },
    })
  })

  test('has times as texts, and leaves out what is none', () => {
    const fields = [
      valuePlan({ key: 'rt', as: 'epoch-millis' }),
      valuePlan({ key: 'end', column: 1, as: 'epoch-millis' }),
      valuePlan({ key: 'art', column: -1, as: 'receipt-time' }),
    ]
    expect(made(['2026-11-20T14:00:00.0379Z', 'soon'], { fields })).toEqual({
      line: `${header},"rt":"2026-11-20T14:00:00.037Z","art":"2026-11-28T00:00:00.000Z"}`,
      counts: { ...counted, invalid: 1 },
    })
  })

  test('has a key once, and those of the header are its own', () => {
    const fields = ['suser', 'suser', 'severity', 'name'].map((key, column) => valuePlan({ key, column }))
    expect(made(['', 'b', '9', 'forged'], { fields }).line).toBe(`${header},"suser":"b"}`)
  })

  test('is cut where it is too long, down to nothing', () => {
    const plan = {
      fields: [valuePlan({ key: 'msg' }), valuePlan({ key: 'cnt', column: 1, as: 'integer', max: 9n })],
    }
    expect(made(['abcdef', '7'], plan, 2)).toEqual({
      line: '{"deviceVendor":"Ve","deviceProduct":"Pr","deviceVersion":"1.","deviceEventClassId":"ID","name":"Na","severity":3,"msg":"ab","cnt":7}',
      counts: { ...counted, cut: 1 },
    })
    expect(made(['abcdef', '7'], plan, 0).line).toContain('"name":"","severity":3,"cnt":7}')
  })
})
