import { expect, test } from 'vitest'
import { adviceIn } from '../../../src/destinations/advice.ts'
import { fileReason } from '../../../src/destinations/file/reasons.ts'
import { isLasting } from '../../../src/destinations/lasting.ts'
import { verdictOf } from '../../../src/destinations/sentinel/logs-ingestion.ts'
import { reasonFor } from '../../../src/network/reasons.ts'

const failed = (code: string) => Object.assign(new Error('failed'), { code })
const answered = (status: number, code = '') => {
  const verdict = verdictOf({ status, headers: {}, text: JSON.stringify({ error: { code } }) })
  return 'reason' in verdict ? verdict.reason : ''
}

test.each([
  ...['ENOTFOUND', 'EACCES', 'SPEAKS_TLS'].map((code) => reasonFor(failed(code), 'siem:6514', 'connecting')),
  reasonFor(failed('ERR_SSL_WRONG_VERSION_NUMBER'), 'siem:6514', 'handshake'),
  ...['ENOSPC', 'ENOENT', 'EACCES', 'EROFS', 'ELOOP'].map((code) => fileReason(failed(code), '/out')),
  ...[401, 403, 404, 408, 429, 500].map((status) => answered(status)),
  answered(400, 'InvalidStream'),
])('what to do is told apart from what is wrong: %s', (reason) => {
  const advice = adviceIn(reason)
  expect(advice).not.toBeNull()
  expect(reason.endsWith(String(advice))).toBe(true)
})

test('of what lasts only because a service is busy nobody claims that a person has to mend it', () => {
  expect([408, 429, 500].filter((status) => isLasting(answered(status)))).toEqual([])
})

test.each([
  'connection refused by siem:6514: nothing listens there, or a firewall rejects it',
  // What a peer writes is no advice of ours, whatever it looks like.
  'connection with siem failed: remove it all',
  'the certificate of siem has no trusted chain (X): subject CN=make room there, issuer CN=x',
])('there is none in: %s', (reason) => {
  expect(adviceIn(reason)).toBeNull()
})
