import { describe, expect, it } from 'vitest'
import { sourceOptions } from '../../../src/tail/options.ts'

describe('sourceOptions', () => {
  it('fills in the pattern and the start', () => {
    expect(sourceOptions.parse({ name: 'EX01', folder: 'D:\\Logs' })).toEqual({
      name: 'EX01',
      folder: 'D:\\Logs',
      pattern: 'MSGTRK*.LOG',
      startAt: 'beginning',
    })
  })

  it.each(['beginning', 'end', '2026-11-20', '2026-11-20T14:00Z', '2026-11-20T14:00:00.5+02:00'])(
    'takes startAt %s',
    (startAt) => {
      expect(sourceOptions.safeParse({ name: 'a', folder: 'b', startAt }).success).toBe(true)
    },
  )

  it.each([
    [{ folder: 'b' }, /add for example "name:/],
    [{ name: 'a/b', folder: 'b' }, /letters, digits/],
    [{ name: 'con', folder: 'b' }, /no device/],
    [{ name: 'EX01.', folder: 'b' }, /no dot/],
    [{ name: 'a' }, /add for example "folder:/],
    [{ name: 'a', folder: ' ' }, /write the path/],
    [{ name: 'a', folder: 'b', pattern: 'x/*' }, /within the folder/],
    [{ name: 'a', folder: 'b', pattern: 5 }, /in quotes/],
    [{ name: 'a', folder: 'b', startAt: 'now' }, /write beginning, end or a time/],
    [{ name: 'a', folder: 'b', startAt: '2026-11-20T14:00:00' }, /with its zone/],
    [{ name: 'a', folder: 'b', startAt: '2026-13-20' }, /write beginning, end or a time/],
  ])('says the remedy for %j', (value, message) => {
    const result = sourceOptions.safeParse(value)
    expect(result.error?.issues.map((issue) => issue.message).join()).toMatch(message)
  })
})
