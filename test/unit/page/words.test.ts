import { expect, test } from 'vitest'
import {
  ago,
  clock,
  lag,
  perSecond,
  sentence,
  stateWord,
  toneOfState,
  verdictWord,
} from '../../../src/page/words.ts'
import { at, before, destination, status, trouble } from '../../support/statuses.ts'

test.each([
  [0, '0'],
  [0.44, '0.4'],
  [9.96, '10'],
  [41.2, '41'],
  [1240.4, '1,240'],
])('%d a second is %s', (rate, text) => {
  expect(perSecond(rate)).toBe(text)
})

test('times are told from the clock of the instance', () => {
  expect(ago(before(90), at)).toBe('1 min ago')
  expect(ago(before(-86_400), at)).toBe('in 1 d')
  expect(ago(null, at)).toBe('never')
})

test('a time of another day has its date', () => {
  expect(clock('2026-11-28T00:00:05.000Z', at, 'UTC')).toBe('00:00:05')
  expect(clock('2026-11-27T23:59:05.000Z', at, 'UTC')).toBe('27 Nov 2026, 23:59:05')
  expect(clock('2026-11-27T23:59:05.000Z', at, 'Europe/Berlin')).toBe('00:59:05')
})

test.each([
  [0, null, true, 'up to date'],
  [0, null, false, 'not known how far behind'],
  [2000, null, true, '2.0 kB behind'],
  [2000, 4, true, '4 s behind'],
] as const)('a backlog of %d bytes, %s s old, all of it known: %s, is %s', (bytes, age, complete, text) => {
  expect(lag({ bytes, complete, oldestRecordAgeSeconds: age })).toBe(text)
})

test('a destination is not up to date with what is out of reach', () => {
  const siem = destination('siem', [])
  expect(stateWord(siem)).toBe('Up to date')
  const unsure = { ...siem, backlog: { ...siem.backlog, complete: false } }
  expect([stateWord(unsure), toneOfState(unsure, [])]).toEqual(['Up to date as far as known', 'behind'])
  expect(stateWord({ ...unsure, state: 'delivering' })).toBe('Delivering')
})

test('the verdict is that of the gravest', () => {
  expect(verdictWord(status({}))).toBe('Well')
  expect(verdictWord(status({ findings: [trouble('source EX01')] }))).toBe('Trouble')
})

test('what else is wrong with a destination does not change how its state is told', () => {
  const siem = destination('siem', [])
  expect(toneOfState(siem, [trouble('destination siem')])).toBe('well')
  expect(toneOfState(siem, [{ ...trouble('destination siem'), kind: 'behind' }])).toBe('behind')
  expect(toneOfState({ ...siem, state: 'unavailable' }, [])).toBe('trouble')
})

test.each([
  ['start the receiver; then go on', 'Start the receiver; then go on.'],
  ['msgtrk resume file; delivery then goes on', 'msgtrk resume file; delivery then goes on.'],
  ['siem/dead-letters.ndjson has each', 'siem/dead-letters.ndjson has each.'],
  ['Is it up?', 'Is it up?'],
])('%s is a sentence, in which what is typed stays as it is', (text, told) => {
  expect(sentence(text)).toBe(told)
})
