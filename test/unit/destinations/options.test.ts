import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  checkDestination,
  destinationShape,
  normaliseFingerprint,
} from '../../../src/destinations/options.ts'

const schema = z
  .strictObject({ ...destinationShape, maxMessageBytes: z.int().optional() })
  .superRefine(checkDestination)

const problems = (value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

describe('settings of a destination', () => {
  it('have defaults for all but the address', () => {
    expect(schema.parse({ to: 'tls://siem' })).toEqual({
      to: 'tls://siem',
      confirm: 'time',
      confirmAfterMs: 5000,
      connectTimeoutMs: 10_000,
      stallTimeoutMs: 60_000,
    })
  })

  it('may give everything', () => {
    const tls = {
      ca: 'ca.pem',
      cert: 'cert.pem',
      key: 'key.pem',
      passphrase: 'open sesame',
      serverName: 'siem',
      fingerprint: `sha-256:${'ab:'.repeat(31)}ab`,
    }
    expect(problems({ name: 'siem', to: 'tls://siem', confirm: 'write', tls })).toEqual([])
  })

  it.each([
    [{ to: 'tcp://siem', tls: { ca: 'x' } }, /^tls: belongs to tls:\/\/ destinations, and this is tcp:\/\//],
    [{ to: 'tls://siem', tls: { cert: 'x' } }, /^tls\.cert: needs its private key; set tls\.key/],
    [{ to: 'tls://siem', tls: { key: 'x' } }, /^tls\.key: needs its certificate; set tls\.cert/],
    [{ to: 'tls://siem', tls: { passphrase: 'x' } }, /^tls\.passphrase: belongs to a private key/],
    [{ to: 'tls://siem', tls: { ca: '' } }, /^tls\.ca: is empty/],
    [{ to: 'tls://siem', tls: { fingerprint: 'sha-1:aa' } }, /^tls\.fingerprint: is no SHA-256 fingerprint/],
    [{ to: 'tls://siem', tls: { rejectUnauthorized: false } }, /^tls: Unrecognized key/],
    [{ to: 'udp://siem', maxMessageBytes: 65_508 }, /^maxMessageBytes: must be 65507 or less on UDP/],
    [{ to: 'tcp://siem', confirmAfterMs: 5 }, /^confirmAfterMs: must be 100 or more/],
    [{ to: 'tcp://siem', name: '../x' }, /^name: must be 1 to 64/],
    [{ to: 'siem' }, /^to: is no address of a destination; write udp:/],
  ])('%j has one mistake', (value, expected) => {
    expect(problems(value)).toEqual([expect.stringMatching(expected)])
  })
})

describe('fingerprints', () => {
  const canonical = Array.from({ length: 32 }, (_, i) => (i + 160).toString(16).toUpperCase()).join(':')

  it.each([
    canonical,
    canonical.toLowerCase(),
    canonical.replaceAll(':', ''),
    `sha-256:${canonical}`,
    `SHA256:${canonical}`,
    `sha256 Fingerprint=${canonical}`,
  ])('may be written %s', (text) => {
    expect(normaliseFingerprint(text)).toBe(canonical)
  })

  it.each([
    '',
    'sha-256:',
    canonical.slice(3),
    `${canonical}:00`,
    canonical.replace('A0', 'XY'),
    `sha-1:${canonical}`,
  ])('may not be %j', (text) => {
    expect(normaliseFingerprint(text)).toBeUndefined()
  })
})
