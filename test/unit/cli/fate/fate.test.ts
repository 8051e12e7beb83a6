import { describe, expect, test } from 'vitest'
import { type Fate, fateOf, type Placed } from '../../../../src/cli/fate/fate.ts'
import type { FoundLetter } from '../../../../src/cli/fate/letters.ts'
import type { FolderConfig } from '../../../../src/config/schema.ts'

const start = '2026-11-20T14:00:00.000Z'

/** The kind of a row at 100 … 200 of a log that begins at `stamp`. */
function kindOf(
  offsets: Readonly<Record<string, number>>,
  {
    stamp = '2026-11-20T13:00:00.000Z',
    startAt = 'beginning',
    ...given
  }: Partial<Placed> & { stamp?: string; startAt?: string } = {},
): string {
  const source = { name: 'EX01', folder: '/logs', pattern: '*', startAt, correctSeconds: 0 } as FolderConfig
  const positions = new Map(
    Object.entries(offsets).map(([fileId, offset]) => [
      fileId.replace('STAMP', stamp),
      { fileId, offset, header: 0 },
    ]),
  )
  const placed = {
    offset: 100,
    end: 200,
    isWhole: true,
    time: start,
    messageId: 'a1@x.example',
    malformed: null,
    filteredBy: null,
    changed: '',
    mail: null,
    ...given,
  }
  return fateOf('/logs/a.LOG', { source, id: `EX01/a.LOG#${stamp}` }, placed, {
    positions,
    letters: [],
    mails: null,
    trouble: '',
  }).kind
}

/** Of a settled row, with these dead letters. */
function fateWith(
  letters: readonly FoundLetter[],
  { correctSeconds = 0, ...given }: Partial<Placed> & { correctSeconds?: number } = {},
): Fate {
  const source = {
    name: 'EX01',
    folder: '/logs',
    pattern: '*',
    startAt: 'beginning',
    correctSeconds,
  } as FolderConfig
  const id = `EX01/a.LOG#${start}`
  const placed = {
    offset: 100,
    end: 200,
    isWhole: true,
    time: start,
    messageId: 'a1@x.example',
    malformed: null,
    filteredBy: null,
    changed: '',
    mail: null,
    ...given,
  }
  const positions = new Map([[id, { fileId: id, offset: 900, header: 0 }]])
  return fateOf('/logs/a.LOG', { source, id }, placed, { positions, letters, mails: null, trouble: '' })
}

describe('the fate of a row', () => {
  test.each([
    [199, 'notYet'],
    [200, 'settled'],
    [100, 'notYet'],
  ])('settled up to byte %i: %s', (offset, kind) => {
    expect(kindOf({ 'EX01/a.LOG#STAMP': offset })).toBe(kind)
  })

  test('the position of another log of that name does not count', () => {
    expect(kindOf({ 'EX01/a.LOG#2026-11-19T00:00:00.000Z': 5000 })).toBe('notYet')
  })

  test('what is not written to its line end is not yet settled', () => {
    expect(kindOf({ 'EX01/a.LOG#STAMP': 200 }, { isWhole: false })).toBe('notYet')
  })

  test.each([
    ['older than the start', { time: '2026-11-20T13:59:59.999Z' }, 'beforeStart'],
    ['of that time', { time: start }, 'settled'],
    ['older, in a log that begins after it', { time: '2026-11-20T13:59:59.999Z', stamp: start }, 'settled'],
  ])('a row that is %s, where a source began', (_, given, kind) => {
    const began = { [`EX01/${start}`]: 0, 'EX01/a.LOG#STAMP': 200 }
    expect(kindOf(began, given)).toBe(kind)
    expect(kindOf(began, { ...given, startAt: '2026-11-01' }), 'startAt counts no more').toBe(kind)
  })

  test('where a source has not begun, its startAt says it', () => {
    const older = { time: '2026-11-20T13:59:59.999Z' }
    expect(kindOf({}, { ...older, startAt: start })).toBe('beforeStart')
    expect(kindOf({}, older)).toBe('notYet')
  })

  test('one event of a batch that was rejected is that of the row whose message-id is in it', () => {
    const of = (event: string) => {
      const letter = {
        file: '/logs/a.LOG',
        start: 0,
        end: 900,
        reason: 'rejected by siem',
        event,
        in: 'letters',
      }
      return fateWith([letter])
    }
    expect(of('CEF:0|…|cs2=<a1@x.example> …').kind).toBe('deadLetter')
    expect(of('CEF:0|…|cs2=<a2@x.example> …')).toEqual({
      kind: 'settled',
      why: 'unless it is the one that was rejected by siem (in letters)',
    })
  })

  const rejected = (event: string, given: Parameters<typeof fateWith>[1] = {}) =>
    fateWith([{ file: '/logs/a.LOG', start: 0, end: 900, reason: 'rejected', event, in: 'letters' }], given)

  test.each([
    ['of its mail and its time', `cs2=<a1@x.example> rt=${Date.parse(start)}`, 'deadLetter'],
    ['of its mail and its time in JSON', `"${start}","<a1@x.example>"`, 'deadLetter'],
    ['of its mail and another time', `cs2=<a1@x.example> rt=${Date.parse(start) + 1}`, 'perhaps'],
    ['of another mail and its time', `cs2=<a2@x.example> rt=${Date.parse(start)}`, 'perhaps'],
    ['of another mail and another time', `cs2=<a2@x.example> rt=${Date.parse(start) + 1}`, 'settled'],
    ['without a message-id and of another time', `rt=${Date.parse(start) + 1}`, 'perhaps'],
    ['withheld', '', 'perhaps'],
  ])('an event %s was rejected', (_, event, expected) => {
    const { kind, why } = rejected(event)
    expect(why.startsWith('unless it is the one that was rejected') ? 'perhaps' : kind).toBe(expected)
  })

  test('where a clock is corrected, or privacy changes the row, times and ids of others say nothing', () => {
    const corrected = rejected(`cs2=<a1@x.example> rt=${Date.parse(start) + 90_000}`, { correctSeconds: 90 })
    expect(corrected.kind).toBe('deadLetter')
    const other = rejected(`cs2=<a2@x.example> rt=${Date.parse(start) + 1}`, { changed: 'privacy changed x' })
    expect(other.why).toBe('unless it is the one that was rejected (in letters); privacy changed x')
  })
})
