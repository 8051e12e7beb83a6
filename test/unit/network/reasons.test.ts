import { describe, expect, it } from 'vitest'
import { type Phase, plain, reasonFor } from '../../../src/network/reasons.ts'

const failure = (code: string, fields = {}) =>
  Object.assign(new Error(`it failed ${code}`), { code, ...fields })
const say = (code: string, phase: Phase = 'connecting') => reasonFor(failure(code), 'siem:6514', phase)

describe('reasons', () => {
  it.each([
    ['ECONNREFUSED', /^connection refused by siem:6514/],
    ['ENOTFOUND', /^name not found for siem:6514/],
    ['EAI_AGAIN', /^the name server does not answer/],
    ['ETIMEDOUT', /^no answer from siem:6514/],
    ['EHOSTUNREACH', /^no route to siem:6514/],
    ['EPERM', /local firewall/],
    ['EMFILE', /too many open files/],
    ['ECONNRESET', /^connection reset by siem:6514/],
    ['EPIPE', /^connection closed by siem:6514/],
    ['ESOMETHING', /^connection with siem:6514 failed: it failed ESOMETHING \(ESOMETHING\)$/],
  ])('%s', (code, expected) => {
    expect(say(code)).toMatch(expected)
  })

  it('of several addresses is that of the first', () => {
    const error = new AggregateError([failure('EHOSTUNREACH'), failure('ECONNREFUSED')])
    expect(reasonFor(error, 'siem:6514', 'connecting')).toBe('no route to siem:6514')
  })

  it('depends on how far the connection had come', () => {
    expect(say('ECONNRESET', 'handshake')).toMatch(/during the TLS handshake/)
    expect(say('ERR_SSL_WRONG_VERSION_NUMBER', 'handshake')).toMatch(/does not speak TLS on this port/)
    expect(say('ERR_SSL_WRONG_VERSION_NUMBER', 'open')).not.toMatch(/does not speak TLS/)
  })

  it.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate required', /set tls\.cert and tls\.key$/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'unknown ca', /does not accept the client certificate/],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'bad certificate', /does not accept the client certificate/],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'internal error', /"internal error"$/],
  ])('names the alert of %s', (code, alert, expected) => {
    expect(say(code, 'open')).toContain(`siem:6514 refused with the TLS alert "${alert}"`)
    expect(say(code, 'open')).toMatch(expected)
  })
})

it('text of others becomes one short line', () => {
  expect(plain('a\r\nb\u001b[0m\u202ec\u2028d')).toBe('a b [0m c d')
  expect(plain('x'.repeat(400))).toHaveLength(301)
})
