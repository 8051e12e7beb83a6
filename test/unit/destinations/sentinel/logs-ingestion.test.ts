import { expect, test } from 'vitest'
import { verdictOf } from '../../../../src/destinations/sentinel/logs-ingestion.ts'

const now = Date.parse('2026-11-28T10:00:00Z')
const answer = (status: number, text = '', headers: Readonly<Record<string, string>> = {}) =>
  verdictOf({ status, headers, text }, now)

test.each([
  ['120', 120_000],
  ['0', undefined],
  ['Sat, 28 Nov 2026 10:00:30 GMT', 30_000],
  ['Sat, 28 Nov 2026 09:00:00 GMT', undefined],
  ['86400', 900_000],
  ['soon', undefined],
])('Retry-After: %s is waited for', (value, afterMs) => {
  const verdict = answer(429, '', { 'retry-after': value })
  expect(verdict).toMatchObject({ is: 'unavailable' })
  expect('next' in verdict ? verdict.next : undefined).toEqual(afterMs && { afterMs })
})

test('the reason of what lasts is the same each time, whatever the answer says of its request', () => {
  const said = (id: string) =>
    answer(403, JSON.stringify({ error: { code: 'OperationFailed', message: `request ${id}` } }))
  expect(said('1')).toEqual(said('2'))
  expect(said('1')).toMatchObject({
    reason: expect.stringMatching(/^the endpoint answered 403 \(OperationFailed\): /),
  })
})

test('the reason of a row says what the endpoint says, in one line', () => {
  const text = JSON.stringify({ error: { code: 'InvalidRow', message: 'TimeGenerated\n\u001b[31mis none' } })
  expect(answer(400, text)).toEqual({
    is: 'unacceptable',
    reason: 'the endpoint answered 400 (InvalidRow): TimeGenerated [31mis none',
  })
})

test.each(['', '<html>', '[]', 'null', '{"error":"x"}'])(
  'an answer that says %j is no fault of ours',
  (text) => {
    expect(answer(500, text)).toMatchObject({ is: 'unavailable', isSure: false })
  },
)

test('a stream that the rule has not is a mistake of the configuration, not of a row', () => {
  const text = JSON.stringify({ error: { code: 'InvalidStream', message: 'no' } })
  expect(answer(400, text)).toMatchObject({ is: 'unavailable', isSure: true })
})
