import { describe, expect, it } from 'vitest'
import { knownEvents } from '../../../../src/filter/events.ts'
import { createMapper } from '../../../../src/map/mapper.ts'
import { loadReadyCategories } from '../../../../src/map/table/load.ts'
import { categoryKeys } from '../../../../src/map/table/schema.ts'
import { knownColumns } from '../../../../src/records/layouts.ts'
import { layoutOf } from '../../../support/records.ts'

/** Of ArcSight's taxonomy, as far as it is of use for mail: content of ESM compares with these words. */
const taxonomy: Readonly<Record<(typeof categoryKeys)[number], readonly string[]>> = {
  categoryObject: ['/Host/Application/Service/Email'],
  categoryBehavior: [
    '/Authorization/Verify',
    '/Communicate',
    '/Communicate/Query',
    '/Communicate/Response',
    '/Delete',
    '/Execute/Response',
    '/Execute/Start',
    '/Modify/Attribute',
    '/Modify/Content',
  ],
  categoryTechnique: ['', '/Policy/Breach', '/Policy/Compliant', '/Traffic Anomaly/Application Layer'],
  categoryDeviceGroup: ['/Application'],
  categoryOutcome: ['/Attempt', '/Failure', '/Success'],
  categorySignificance: ['/Informational', '/Informational/Error', '/Informational/Warning', '/Normal'],
}

describe('the categories that come with the program', () => {
  it('are there for every event id that Exchange is known to write, and for no other', () => {
    expect(Object.keys(loadReadyCategories()).sort()).toEqual([...knownEvents].sort())
  })

  it('are values of the taxonomy, all but the technique for each event', () => {
    for (const [id, values] of Object.entries(loadReadyCategories())) {
      for (const key of categoryKeys) expect(taxonomy[key], `${key} of ${id}`).toContain(values[key] ?? '')
    }
  })

  it('call what fails a failure', () => {
    const failed = knownEvents.filter((id) => /FAIL|BADMAIL|POISON/.test(id))
    expect(failed.map((id) => loadReadyCategories()[id]?.categoryOutcome)).toEqual(
      failed.map(() => '/Failure'),
    )
  })

  it.each([
    [
      'arcsight',
      [
        'categoryObject',
        'categoryBehavior',
        'categoryTechnique',
        'categoryDeviceGroup',
        'categoryOutcome',
        'categorySignificance',
      ],
    ],
    ['none', []],
    [undefined, []],
  ])('%s: events have them or not', (categories, keys) => {
    const settings = { mapping: 'exchange-2013', cefVersion: 0, additionalData: 'none', categories } as const
    const { fields } = createMapper(settings).planFor(layoutOf(knownColumns[2016]))
    expect(fields.flatMap(({ key }) => (key.startsWith('category') ? [key] : []))).toEqual(keys)
  })
})
