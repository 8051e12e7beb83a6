import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  checkDestination,
  defaultFailback,
  destinationShape,
  unusedSettings,
} from '../../../src/destinations/options.ts'
import { confirmationOf } from '../../../src/destinations/stream/options.ts'
import { normaliseFingerprint } from '../../../src/destinations/stream/tls-options.ts'

const schema = z
  .strictObject({ ...destinationShape, maxMessageBytes: z.int().optional() })
  .superRefine(checkDestination)

const problems = (value: Readonly<Record<string, unknown>>) => [
  ...(schema.safeParse(value).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  ),
  ...unusedSettings(value).map(({ path, message, remedy }) => `${path.join('.')}: ${message}; ${remedy}`),
]

describe('settings of a destination', () => {
  it('have defaults for all but the address', () => {
    expect(schema.parse({ to: 'tls://siem' })).toMatchObject({
      to: 'tls://siem',
      turnAfterMs: 5000,
      turnAfterBytes: 8_388_608,
      closeTimeoutMs: 30_000,
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

  it('may not take the name of a lock, which lies in the same folder', () => {
    expect(problems({ name: 'lock.1', to: 'tls://siem' })).toEqual([
      'name: is the name of a lock in the state folder; choose another',
    ])
  })

  it.each(['con', 'NUL', 'aux.siem', 'Com1', 'lpt9.x', 'siem.', 'prn'])(
    'may not take the name %s, which names no folder of its own on Windows',
    (name) => {
      expect(problems({ name, to: 'tls://siem' })).toEqual([expect.stringContaining('on Windows')])
    },
  )

  it.each(['console', 'com', 'com10', 'lpt', 'null', 'siem.aux', 'a.b'])('may take the name %s', (name) => {
    expect(problems({ name, to: 'tls://siem' })).toEqual([])
  })

  it('may name receivers that stand in, over TCP and TLS', () => {
    const failover = ['tls://b:6514', 'tcp://c:514']
    expect(problems({ to: 'tcp://a', failover, failback: {}, tls: { ca: 'ca.pem' } })).toEqual([])
    expect(schema.parse({ to: 'tcp://a', failover, failback: {} }).failback).toEqual(defaultFailback)
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
    [{ to: 'tcp://siem', failover: [] }, /^failover: is empty/],
    [{ to: 'tcp://siem', failover: ['siem'] }, /^failover\.0: is no address of a destination/],
    [{ to: 'udp://siem', failover: ['tcp://b'] }, /^failover: does not go with udp:\/\//],
    [{ to: 'tcp://siem', failover: ['tls://b', 'udp://c'] }, /^failover\.1: can't be udp:\/\//],
    [{ to: 'tcp://siem', failover: ['tcp://SIEM:514'] }, /^failover\.0: is named before already/],
    [{ to: 'tcp://siem', failover: ['tcp://b'], tls: { ca: 'x' } }, /^tls: belongs to tls:\/\//],
    [{ to: 'tcp://siem', failback: {} }, /^failback: needs another receiver/],
    [{ to: 'tcp://siem', maxEventsPerSecond: 0 }, /^maxEventsPerSecond: must be 1 or more/],
    [{ to: 'siem' }, /^to: is no address of a destination; write udp:/],
  ])('%j has one mistake', (value, expected) => {
    expect(problems(value)).toEqual([expect.stringMatching(expected)])
  })
})

describe('rows as they stand in the log', () => {
  it.each(['tcp://a', 'tls://a', 'stdout:', 'file:///var/log/msgtrk/%D.log'])('go to %s', (to) => {
    expect(problems({ to, format: 'raw' })).toEqual([])
  })

  it.each([
    'udp://a',
    'sentinel://a.westeurope-1.ingest.monitor.azure.com/dcr-0123456789abcdef0123456789abcdef/A',
  ])('do not go to %s', (to) =>
    expect(problems({ to, format: 'raw' }).join()).toMatch(/^format: belongs to tcp:/),
  )

  it.each([
    ['preset', 'splunk'],
    ['syslog', { header: 'none' }],
    ['framing', 'lf'],
    ['protectHeader', true],
    ['mapping', 'auto'],
    ['cefVersion', 1],
    ['additionalData', 'none'],
    ['labels', 'space'],
    ['categories', 'none'],
    ['rawEvent', 'field'],
    ['agent', true],
    ['recipients', 'each'],
    ['overflow', 'split'],
    ['unicodeControls', 'all'],
    ['privacy', { hideBcc: true }],
    ['selfReport', true],
    ['organisation', { domains: ['contoso.com'] }],
  ])('are what they are, whatever %s says', (setting, value) => {
    const [first = '', ...others] = unusedSettings({ to: 'tcp://a', format: 'raw', [setting]: value })
    expect([first, others]).toEqual([expect.objectContaining({ path: [setting] }), []])
    expect(unusedSettings({ to: 'tcp://a', format: 'cef', [setting]: value })).toEqual([])
  })

  it('are not shortened', () => {
    expect(problems({ to: 'tcp://a', format: 'raw', maxMessageBytes: 8192 })).toEqual([
      expect.stringMatching(/^maxMessageBytes: shortens messages, and format: raw/),
    ])
  })

  it('may be chosen by what the organisation is', () => {
    const organisation = { domains: ['contoso.com'] }
    expect(unusedSettings({ to: 'tcp://a', format: 'raw', only: ['entered'], organisation })).toEqual([])
  })
})

describe('a setting that does nothing', () => {
  const onlyClose = 'has no effect with confirm: time; remove it; it is for confirm: close'
  const unconfirmed = 'is for TCP and TLS, since nothing is confirmed on UDP; remove it'
  const connected = 'belongs to tcp:// and tls:// destinations, and this is udp://; change `to` or remove it'

  it.each([
    [{ to: 'udp://a', confirm: 'write' }, `confirm: ${unconfirmed}`],
    [{ to: 'udp://a', confirmAfterMs: 500 }, `confirmAfterMs: ${unconfirmed}`],
    [{ to: 'udp://a', turnAfterMs: 5000 }, `turnAfterMs: ${unconfirmed}`],
    [{ to: 'udp://a', turnAfterBytes: 8_388_608 }, `turnAfterBytes: ${unconfirmed}`],
    [{ to: 'udp://a', closeTimeoutMs: 500 }, `closeTimeoutMs: ${unconfirmed}`],
    [{ to: 'UDP://a', connectTimeoutMs: 500 }, `connectTimeoutMs: ${connected}`],
    [{ to: 'udp://a', stallTimeoutMs: 500 }, `stallTimeoutMs: ${connected}`],
    [{ to: 'udp://a', relay: false }, `relay: ${unconfirmed}`],
    [
      { to: 'udp://a', tls: {} },
      'tls: belongs to tls:// destinations, and this is udp://; change `to` or remove it',
    ],
    [{ to: 'tcp://a', confirm: 'time', turnAfterMs: 5000 }, `turnAfterMs: ${onlyClose}`],
    [{ to: 'tls://a', confirm: 'time', turnAfterBytes: 65_536 }, `turnAfterBytes: ${onlyClose}`],
    [{ to: 'tls://a', confirm: 'time', closeTimeoutMs: 500 }, `closeTimeoutMs: ${onlyClose}`],
    [
      { to: 'tls://a', confirm: 'write', confirmAfterMs: 900 },
      'confirmAfterMs: has no effect with confirm: write; remove it; it is for confirm: time, and for close with ' +
        'receivers that never close',
    ],
    [
      { to: 'tcp://a', relay: true, turnAfterMs: 500 },
      'turnAfterMs: has no effect with relay: true, which makes confirm time; remove it; it is for confirm: close',
    ],
    [
      { to: 'tcp://a', failover: ['tls://b'], confirm: 'time', turnAfterMs: 500 },
      `turnAfterMs: ${onlyClose}`,
    ],
  ])('is a mistake with its remedy: %j', (value, expected) => {
    expect(problems(value)).toEqual([expected])
  })

  it('may be told to be the default', () => {
    expect(problems({ to: 'tls://a', confirm: 'close', turnAfterMs: 5000, closeTimeoutMs: 30_000 })).toEqual(
      [],
    )
  })

  it.each([
    { to: 'tls://a', confirmAfterMs: 500 },
    { to: 'tcp://a', confirm: 'close', confirmAfterMs: 500 },
    { to: 'tcp://a', relay: true, confirmAfterMs: 500 },
    { to: 'tcp://a', failover: ['tls://b'], tls: { ca: 'x' } },
    { to: 'udp://a', maxEventsPerSecond: 10 },
  ])('is not one that does something in some case: %j', (value) => {
    expect(problems(value)).toEqual([])
  })

  it('is told together with all other mistakes', () => {
    expect(problems({ to: 'udp://a', confirm: 'time', turnAfterMs: 1 })).toEqual([
      'turnAfterMs: must be 100 or more (milliseconds)',
      `confirm: ${unconfirmed}`,
      `turnAfterMs: ${unconfirmed}`,
    ])
  })

  it('is not looked for where the address or the way to confirm is a mistake', () => {
    expect(problems({ to: 'http://a', confirm: 'time' })).toEqual([expect.stringMatching(/^to: /)])
    expect(problems({ to: 'tcp://a', confirm: 'never', turnAfterMs: 500 })).toEqual([
      expect.stringMatching(/^confirm: Invalid option/),
    ])
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

describe('a relay in between', () => {
  it.each([
    [{ relay: true }, { confirm: 'time', confirmAfterMs: 60_000 }],
    [{}, { confirm: 'close', confirmAfterMs: 5000 }],
    [
      { relay: true, confirm: 'write', confirmAfterMs: 100 },
      { confirm: 'write', confirmAfterMs: 100 },
    ],
  ] as const)('decides what counts unless that is set: %j', (settings, expected) => {
    expect(confirmationOf(settings)).toEqual(expected)
  })

  it.each([
    [{ to: 'udp://siem', relay: true }, /^relay: is for TCP and TLS/],
    [{ to: 'tcp://siem', relay: true, confirm: 'close' }, /^confirm: close proves nothing .* set time$/],
    [
      { to: 'tls://a', failover: ['tcp://b'], relay: true, confirm: 'close' },
      /^confirm: close proves nothing/,
    ],
  ])('is refused where it makes no sense: %j', (value, expected) => {
    expect(problems(value)).toEqual([expect.stringMatching(expected)])
  })

  it('may pass TLS through to a receiver whose goodbye is proof', () => {
    expect(problems({ to: 'tls://siem', relay: true, confirm: 'close' })).toEqual([])
  })
})
