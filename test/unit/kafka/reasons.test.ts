/** Errors as the client throws them: its own, of several tries, with what Node.js said as the cause. */
import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ProtocolError,
  UserError,
} from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { isLasting } from '../../../src/destinations/lasting.ts'
import { needsPerson, reasonForCode, reasonForError } from '../../../src/kafka/reasons.ts'

const about = { brokers: 'b1:9093, b2:9093', topic: 'th-cef', user: 'msgtrk' }

function failed(code: string, message: string): Error {
  const cause = Object.assign(new Error(message), { code })
  return new MultipleErrors('Cannot connect to any broker.', [
    new NetworkError('Connection to b2:9093 failed.', { cause }),
  ])
}

describe('what the client throws, in a sentence', () => {
  it.each<[string, unknown, RegExp, boolean]>([
    ['nobody there', failed('ECONNREFUSED', 'connect'), /^connection refused by b2:9093/, false],
    ['no name', failed('ENOTFOUND', 'getaddrinfo'), /^name not found for b2:9093/, false],
    ['untrusted', failed('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed'), /^the certificate of b2:9093 has no trusted chain/, true],
    ['expired', failed('CERT_HAS_EXPIRED', 'expired'), /^the certificate of b2:9093, or one it depends on, has expired/, true],
    ['of another', failed('ERR_TLS_CERT_ALTNAME_INVALID', 'no match'), /^the certificate of b2:9093 is not for it/, true],
    ['a wrong password', new AuthenticationError('SASL authentication failed.', {}), /^the brokers do not accept the user msgtrk/, true],
    ['no topic', new UserError('Unknown topic th-cef.'), /^there is no topic th-cef: create it/, true],
    ['no right', new ProtocolError('TOPIC_AUTHORIZATION_FAILED'), /^the user msgtrk has no right to write into the topic th-cef/, true],
    ['no leader', new ProtocolError('LEADER_NOT_AVAILABLE'), /^the brokers answered LEADER_NOT_AVAILABLE for the topic/, false],
    ['a time-out', new NetworkError('Request timed out'), /^no answer from b1:9093, b2:9093 in time/, false],
    ['an end', new NetworkError('Connection closed'), /^connection closed by b1:9093, b2:9093/, false],
    ['anything', new Error('a\u001b[31m b'), /^the brokers b1:9093, b2:9093 can't be used: a \[31m b$/, false],
    ['no error', 'thrown', /can't be used: thrown$/, false],
  ])('%s', (_, error, sentence, isFinal) => {
    const reason = reasonForError(error, about)
    expect(reason).toMatch(sentence)
    expect(needsPerson(error)).toBe(isFinal)
    // What a person has to mend is an error in the log.
    if (isFinal) expect(isLasting(reason)).toBe(true)
    expect(reason).not.toContain('\u001b')
  }) // biome-ignore format: a table

  it('names who is meant, and nobody where nobody signs in', () => {
    expect(reasonForCode(29, '', { ...about, user: undefined })).toMatch(
      /^msgtrk, which does not sign in, has no right/,
    )
    expect(reasonForCode(31, '', about)).toMatch(/kafka\.idempotent: false$/)
    expect(reasonForCode(19, 'NOT_ENOUGH_REPLICAS', about)).toMatch(
      /min\.insync\.replicas asks for \(NOT_ENOUGH_REPLICAS\)$/,
    )
  })
})
