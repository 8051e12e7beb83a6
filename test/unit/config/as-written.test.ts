import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { asWritten } from '../../../src/config/as-written.ts'

const shown = (text: string) => asWritten(text)?.text

describe('a configuration for others to see', () => {
  test('what holds no secret stays as it is, byte for byte', () => {
    const text =
      "state: /var/lib/msgtrk\nsources:\n  - { name: EX01, folder: '\\\\EX01\\x' }\ndestinations:\n  - to: tls://siem.example\n    tls: { ca: a.pem, key: '$" +
      "{env:KEY}' }\n"
    expect(shown(text)).toBe(text)
  })

  test.each([
    ['in clear text', 'destinations: [{ to: tls://a, tls: { passphrase: hunter2 } }]'],
    ['in quotes with escapes', 'destinations: [{ tls: { passphrase: "hunte\\u0072" } }]'],
    [
      'over lines',
      'destinations:\n  - tls:\n      passphrase: |\n        hunter2\n        hunter\n    to: tls://a\n',
    ],
    ['folded', 'destinations:\n  - tls:\n      passphrase: >- # hunter\n        hunter2\n\n        hunter\n'],
    ['plain over lines', 'http:\n  token: hunter2\n    hunter\n  listen: 127.0.0.1:0\n'],
    ['beside a reference', 'http: { token: "hunter2$' + '{env:X}" }'],
    ['a key', 'destinations: [{ privacy: { hashKey: hunter, encryptKey: hunter2, tweak: hunter3 } }]'],
    ['a list in its place', 'http: { token: [hunter2, { a: hunter }] }'],
    ['of Sentinel', 'destinations: [{ sentinel: { clientSecret: hunter2, certificatePassword: hunter } }]'],
    ['mistyped', 'destinations: [{ tls: { passphrse: hunter2 } }]'],
    ['elsewhere', 'passphrase: hunter2\nx: { y: [hunter] }'],
    ['twice', 'http: { token: hunter, token: hunter2 }'],
    ['by an anchor', 'x: &p hunter2\nhttp: { token: *p }'],
    ['by an anchor of a setting that is shown', 'state: &p hunter2\nhttp: { token: *p }'],
    ['merged', 'http: { <<: { token: hunter2 }, listen: "127.0.0.1:1" }'],
    ['with a tag', 'http: { token: !!str hunter2 }'],
    ['as a key', 'http: { ? { hunter2: 1 } : 2 }'],
    ['in a comment', '# passphrase: hunter2\nstate: a # hunter\n#hunter\n'],
    ['in an address', 'destinations: [{ to: "tls://me:hunter2@siem.example" }]'],
    ['with a byte order mark', '\ufeffhttp: { token: hunter2 } # hunter\n'],
    ['with CR', 'http:\r\n  token: hunter2\r\n  # hunter\r\n'],
  ])('a secret %s is not shown', (_, text) => {
    const { text: given, hidden } = asWritten(text)!
    expect(given).not.toContain('hunter')
    expect(given).toContain('(not shown)')
    expect(hidden.length > 0 || text.includes('#')).toBe(true)
    expect(() => parse(given, { uniqueKeys: false })).not.toThrow()
  })

  test('what is a reference is shown, and what was hidden is told', () => {
    const text =
      'http:\n  token: $' + '{env:TOKEN}\ndestinations:\n  - tls: { passphrase: hunter2 }\n    to: tls://a\n'
    expect(asWritten(text)).toEqual({
      text: text.replace('hunter2', '"(not shown)"'),
      hidden: ['destinations.0.tls.passphrase'],
      secrets: ['hunter2'],
    })
  })

  test.each(['a: [', 'token: "hunter2', '--- 1\n--- 2\n', `${'['.repeat(20_000)}`])(
    'of a broken form nothing is shown: %#',
    (text) => {
      expect(asWritten(text)).toBeNull()
    },
  )
})
