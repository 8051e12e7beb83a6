import { describe, expect, it } from 'vitest'
import { correctTimes } from '../../../src/rewrite/correct-time.ts'
import { fieldsIn, layoutOf, logFile, recordsOf } from '../../support/records.ts'

const layout = layoutOf(['Date-Time', 'event-id'])

function corrected(times: readonly string[], seconds: number, source = logFile.source): string[] {
  const rewrite = correctTimes(layout, new Map([[source, seconds]]))
  const records = recordsOf(
    layout,
    times.map((time) => [time, 'SEND']),
  )
  const result = rewrite?.(records, Uint32Array.from(times.keys())) ?? records
  return fieldsIn(result).map(([time = '']) => time)
}

describe('the correction of times', () => {
  it('moves the times of the source, forwards and back', () => {
    expect(corrected(['2026-11-20T00:00:00.010Z', '2026-12-31T23:59:59.999Z'], 90)).toEqual([
      '2026-11-20T00:01:30.010Z',
      '2027-01-01T00:01:29.999Z',
    ])
    expect(corrected(['2024-03-01T00:00:00.010Z'], -1)).toEqual(['2024-02-29T23:59:59.010Z'])
  })

  it.each([
    '',
    '2026-11-20T00:00:00Z',
    '2026-11-20 00:00:00.010',
    '2026-11-20T00:00:00.010+01:00',
    '2026-02-30T00:00:00.010Z',
    '20 Nov 2026',
    '9999-12-31T23:59:59.999Z',
    '+012026-11-20T00:00:00.010Z',
  ])('leaves %j as it is', (time) => {
    expect(corrected([time], 90)).toEqual([time])
  })

  it('leaves other sources alone', () => {
    expect(corrected(['2026-11-20T00:00:00.010Z'], 90, 'ex02')).toEqual(['2026-11-20T00:00:00.010Z'])
  })

  it('takes only the rows asked for', () => {
    const records = recordsOf(layout, [
      ['2026-11-20T00:00:00.010Z', 'SEND'],
      ['2026-11-20T00:00:01.010Z', 'FAIL'],
    ])
    const rows = (source: string) =>
      fieldsIn(correctTimes(layout, new Map([[source, 1]]))?.(records, Uint32Array.of(1)) ?? records)
    expect(rows(logFile.source)).toEqual([['2026-11-20T00:00:02.010Z', 'FAIL']])
    expect(rows('ex02')).toEqual([['2026-11-20T00:00:01.010Z', 'FAIL']])
  })

  it('is none without anything to correct', () => {
    expect(correctTimes(layout, new Map())).toBeNull()
    expect(correctTimes(layoutOf(['event-id']), new Map([['ex01', 1]]))).toBeNull()
  })
})
