import { describe, expect, test } from 'vitest'
import { type DateOrder, ExportTimes } from '../../../src/formats/export-time.ts'
import { parseZone } from '../../../src/formats/zone.ts'

const reader = (order: DateOrder | null, zone: string | null) =>
  new ExportTimes({ order, zone: zone === null ? null : parseZone(zone) })

describe('forms of a date and time', () => {
  test.each([
    ['2015-09-06T01:02:44Z', '2015-09-06T01:02:44Z'],
    ['2015-09-06T01:02:44.1234567Z', '2015-09-06T01:02:44.1234567Z'],
    ['2015-09-06T01:02:44.5+02:00', '2015-09-05T23:02:44.5Z'],
    ['2015-09-06 01:02:44 +0130', '2015-09-05T23:32:44Z'],
    // sv-SE, ja-JP, hu-HU
    ['2015-09-06 01:02:44', '2015-09-06T01:02:44Z'],
    ['2015/09/06 1:02:44', '2015-09-06T01:02:44Z'],
    ['2015. 09. 06. 1:02:44', '2015-09-06T01:02:44Z'],
    // de-DE, fi-FI, en-US by day
    ['06.09.2015 01:02:44', '2015-09-06T01:02:44Z'],
    ['6.9.2015 1.02.44', '2015-09-06T01:02:44Z'],
    ['9/16/2015 12:02:44 AM', '2015-09-16T00:02:44Z'],
    ['9/16/2015 12:02:44\u202fPM', '2015-09-16T12:02:44Z'],
    ['16/09/2015 1:02:44 p.m.', '2015-09-16T13:02:44Z'],
    ['16-09-2015 13:02:44', '2015-09-16T13:02:44Z'],
    ['6/6/2015 1:02:44 AM', '2015-06-06T01:02:44Z'],
  ])('%s', (text, time) => {
    const times = reader(null, 'utc')
    times.learn(text)
    expect(times.unknown).toEqual({ order: null, zone: null })
    expect(times.convert(text)).toEqual({ time })
  })

  test.each([
    '', 'x', '06/09/15 01:02:44', '2015-09-06', '9/16/2015 1:02 AM', '9/16/2015 13:02:44 AM', '9/16/2015 0:02:44 AM',
    '9/16/2015 24:00:00', '9/16/2015 10:60:00', '9/16/2015 1:02:44 오전', '2015-09-06T01:02:44Zx', '16/17/2015 1:02:44',
    '31.02.2015 1:02:44', '2015-13-01 1:02:44', '0015-09-06 01:02:44', '2015-9/6 01:02:44',
  ])('%j is none', (text) => {
    expect(reader('dmy', 'utc').convert(text)).toHaveProperty('reason')
  }) // biome-ignore format: a list of texts
})

describe('what a date does not tell', () => {
  const ambiguous = '06/09/2015 01:02:44'

  test('is asked for, never guessed', () => {
    const times = reader(null, null)
    times.learn(ambiguous)
    expect(times.unknown).toEqual({ order: ambiguous, zone: ambiguous })
    expect(times.convert(ambiguous)).toHaveProperty('reason')
    expect(reader(null, 'utc').convert(ambiguous)).toHaveProperty('reason')
    expect(reader('dmy', null).convert(ambiguous)).toHaveProperty('reason')
  })

  test('is what was set', () => {
    expect(reader('dmy', '+01:00').convert(ambiguous)).toEqual({ time: '2015-09-06T00:02:44Z' })
    expect(reader('mdy', '-05:00').convert(ambiguous)).toEqual({ time: '2015-06-09T06:02:44Z' })
  })

  test.each([
    ['13/09/2015 01:02:44', '2015-09-06T01:02:44Z'],
    ['09/13/2015 01:02:44', '2015-06-09T01:02:44Z'],
  ])('is what another row tells: %s', (other, time) => {
    const times = reader(null, 'utc')
    for (const text of [ambiguous, '03/03/2015 01:02:44', other]) times.learn(text)
    expect(times.unknown.order).toBeNull()
    expect(times.convert(ambiguous)).toEqual({ time })
  })

  test('and a row of another form than the others is none', () => {
    const times = reader('mdy', 'utc')
    expect(times.convert('13/09/2015 01:02:44')).toHaveProperty('reason')
    expect(times.convert('2015-09-13 01:02:44')).toEqual({ time: '2015-09-13T01:02:44Z' })
  })
})

describe('zones', () => {
  test.each([
    ['Europe/Berlin', '2015-01-06 01:02:44', '2015-01-06T00:02:44Z'],
    ['Europe/Berlin', '2015-07-06 01:02:44', '2015-07-05T23:02:44Z'],
    ['America/New_York', '2015-07-06 22:02:44', '2015-07-07T02:02:44Z'],
    ['Asia/Kathmandu', '2015-07-06 05:45:00', '2015-07-06T00:00:00Z'],
    ['Pacific/Apia', '2015-07-06 13:00:00', '2015-07-06T00:00:00Z'],
    ['-03:30', '2015-07-06 13:00:00', '2015-07-06T16:30:00Z'],
    // On the days on which clocks are put forward and back, outside of the hour.
    ['Europe/Berlin', '2015-03-29 01:59:59', '2015-03-29T00:59:59Z'],
    ['Europe/Berlin', '2015-03-29 03:00:00', '2015-03-29T01:00:00Z'],
    ['Europe/Berlin', '2015-10-25 01:59:59', '2015-10-24T23:59:59Z'],
    ['Europe/Berlin', '2015-10-25 03:00:00', '2015-10-25T02:00:00Z'],
  ])('%s: %s', (zone, text, time) => {
    expect(reader(null, zone).convert(text)).toEqual({ time })
  })

  test('a time that came twice or never is not guessed', () => {
    const reason = (text: string) => Object.values(reader(null, 'Europe/Berlin').convert(text))[0]
    expect(reason('2015-10-25 02:30:00')).toMatch(/twice/)
    expect(reason('2015-03-29 02:30:00')).toMatch(/never/)
    expect(reader(null, '+01:00').convert('2015-03-29 02:30:00')).toEqual({ time: '2015-03-29T01:30:00Z' })
  })

  test('that are none are told', () => {
    for (const text of ['', 'Nowhere', '+2', '+25:00', '+02:60', 'CEST+2', '02:00'])
      expect(parseZone(text)).toBeNull()
    expect(parseZone('local')?.name).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone)
    expect(parseZone('UTC')).toMatchObject({ minutes: 0 })
  })
})
