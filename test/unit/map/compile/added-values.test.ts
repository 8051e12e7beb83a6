import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../../src/encode/byte-writer.ts'
import { EventEncoder } from '../../../../src/encode/event-encoder.ts'
import type { EventPlan } from '../../../../src/flow/plan.ts'
import { createMapper, type MapperOptions } from '../../../../src/map/mapper.ts'
import { layoutOf, recordsOf } from '../../../support/records.ts'

const layout = layoutOf('2016')
const options = { mapping: 'exchange-2013.v1', cefVersion: 0, additionalData: 'arcsight' } as const

const planWith = (more: Partial<MapperOptions>): EventPlan =>
  createMapper({ ...options, ...more }).planFor(layout)

/** The event of a row with these values, empty otherwise. */
function eventOf(plan: EventPlan, values: Readonly<Record<string, string>>): string {
  const records = recordsOf(layout, [layout.columns.map((name) => values[name] ?? '')])
  const out = new ByteWriter()
  new EventEncoder(plan).encode(records, 0, out)
  return out.bytes.toString('utf8', 0, out.length)
}

describe('the original row', () => {
  const values = { 'event-id': 'SEND', 'message-subject': 'a "b", \\c=d', 'tenant-id': 't' }
  const row = `${','.repeat(8)}SEND${','.repeat(10)}"a ""b"", \\\\c\\=d"${','.repeat(5)}t${','.repeat(6)}`

  it('is the last of the fields, as it stands in the log, and never the last value of the event', () => {
    const event = eventOf(planWith({ rawEvent: 'field' }), values)
    expect(event).toContain(` msg=a "b", \\\\c\\=d rawEvent=${row} _cefVer=0.1 ad.tenant-id=t`)
  })

  it('stands before the labels', () => {
    const event = eventOf(planWith({ rawEvent: 'field' }), { 'return-path': 'r', directionality: 'Incoming' })
    expect(event).toMatch(/ cs6=r flexString1=Incoming rawEvent=\S+ cs6Label=Return Path flexString1Label=/)
  })

  it.each([
    ['arcsight', 'ad.raw-event'],
    ['camel', 'ad.RawEvent'],
    ['plain', 'MicrosoftExchangeRawEvent'],
  ] as const)('is additional data in the style %s', (additionalData, key) => {
    const event = eventOf(planWith({ rawEvent: 'additional', additionalData }), values)
    expect(event.endsWith(` ${key}=${row}`)).toBe(true)
  })

  it('is cut to its limit', () => {
    const records = recordsOf(layout, [layout.columns.map(() => 'é'.repeat(500))])
    const encoder = new EventEncoder(planWith({ rawEvent: 'field' }))
    const raw = encoder.values(records, 0).find(({ plan: { key } }) => key === 'rawEvent')
    expect(raw?.outcome).toBe('cut')
    // A comma is between the letters of two bytes.
    expect(Buffer.byteLength(raw?.text ?? '')).toBe(3999)
  })

  it('has no place in additional data when there is none', () => {
    const work = () => planWith({ rawEvent: 'additional', additionalData: 'none' })
    expect(work).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ where: { setting: ['rawEvent'] } })] }),
    )
    expect(eventOf(planWith({ rawEvent: 'field', additionalData: 'none' }), values)).toContain(' rawEvent=')
  })

  it('is left out by default', () => {
    expect(planWith({})).toEqual(planWith({ rawEvent: 'none', linksEvents: false }))
    expect(eventOf(planWith({}), values)).not.toMatch(/raw-?event/i)
  })
})

describe('events of one record', () => {
  it('are linked by its log-id', () => {
    const event = eventOf(planWith({ linksEvents: true }), { 'log-id': 'id-1' })
    expect(event.endsWith(' ad.log-id=id-1')).toBe(true)
    expect(
      eventOf(planWith({ linksEvents: true, additionalData: 'none' }), { 'log-id': 'id-1' }),
    ).not.toContain('id-1')
  })

  it('are not linked twice by it, nor where the log has none', () => {
    const modern = { linksEvents: true, mapping: 'exchange-modern.v1' }
    expect(eventOf(planWith(modern), { 'log-id': 'id-1' }).split('id-1')).toHaveLength(2)
    const older = createMapper({ ...options, linksEvents: true }).planFor(layoutOf('2013'))
    expect(older).toEqual(createMapper(options).planFor(layoutOf('2013')))
  })
})
