import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Kind } from '../../../src/privacy/columns.ts'
import { Ff1 } from '../../../src/privacy/ff1.ts'
import type { Method } from '../../../src/privacy/options.ts'
import { Protector } from '../../../src/privacy/protector.ts'
import { decryptValue } from '../../../src/privacy/value-cipher.ts'
import { encryptKeyHex, hashKeyHex, keys, tweakHex } from '../../support/secrets.ts'

const protector = new Protector(keys)
const ff1 = new Ff1(Buffer.from(encryptKeyHex, 'hex'), Buffer.from(tweakHex, 'hex'))
const field = (method: Method, kind: Kind, value: string) => protector.field(method, kind, value)

test.each<Kind>(['address', 'addresses', 'ip', 'host', 'text', 'fixed'])(
  'drop leaves nothing of %s',
  (kind) => {
    expect(field('drop', kind, 'ann@contoso.com;10.0.0.1')).toBe('')
  },
)

describe('mask', () => {
  test.each<[Kind, string, string]>([
    ['address', 'ann@contoso.com', '***@contoso.com'],
    ['address', '<ann@contoso.com>', '***@contoso.com'],
    ['address', '"a b@c"@Contoso.com', '***@Contoso.com'],
    ['address', 'ann@bücher.example', '***@bücher.example'],
    ['address', 'postmaster', '***'],
    ['address', 'ann@contoso.com (Ann Smith)', '***'],
    ['address', 'ann@[10.0.0.1]', '***'],
    ['address', '<>', '<>'],
    ['address', '', ''],
    [
      'addresses',
      "ann@contoso.com;'o''brien@b.example';/o=Contoso/cn=Bob;",
      '***@contoso.com;***@b.example;***;',
    ],
    ['ip', '192.0.2.33', '192.0.2.0'],
    ['ip', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['ip', 'fe80::1%12', 'fe80::'],
    ['ip', '::ffff:192.0.2.33', '::'],
    ['ip', 'mail.contoso.com', '***'],
    ['host', 'mail.contoso.com', '***'],
    ['host', '192.0.2.33', '192.0.2.0'],
    ['text', 'ann@contoso.com', '***'],
    ['text', '192.0.2.33', '***'],
  ])('of %s: %s → %s', (kind, value, expected) => {
    expect(field('mask', kind, value)).toBe(expected)
  })
})

describe('hash', () => {
  const hmac = (text: string) =>
    createHmac('sha256', Buffer.from(hashKeyHex, 'hex')).update(text).digest('hex').slice(0, 32)

  test.each<[Kind, string, string]>([
    ['address', 'ann@contoso.com', hmac('ann@contoso.com')],
    ['address', ' <Ann@Contoso.COM> ', hmac('ann@contoso.com')],
    [
      'addresses',
      "Ann@contoso.com;'o''brien@b.example'",
      `${hmac('ann@contoso.com')};${hmac("o'brien@b.example")}`,
    ],
    ['ip', '2001:DB8:0::1%eth0', hmac('2001:db8::1')],
    ['host', 'EX01', hmac('ex01')],
    ['text', 'Salary', hmac('salary')],
    ['address', '<>', '<>'],
  ])('of %s: %s', (kind, value, expected) => {
    expect(field('hash', kind, value)).toBe(expected)
  })

  test('is another one with another key', () => {
    const other = new Protector({ ...keys, hashKey: keys.encryptKey })
    expect(other.field('hash', 'text', 'x')).not.toBe(field('hash', 'text', 'x'))
  })
})

describe('encrypt', () => {
  const decrypted = (kind: Kind, value: string) => decryptValue(ff1, field('encrypt', kind, value), kind)

  test.each<[Kind, string, RegExp]>([
    ['address', 'ann.smith@contoso.com', /^[0-9A-Za-z]{11}@[0-9A-Za-z]{7}\.[0-9A-Za-z]{3}$/],
    ['addresses', "ann@contoso.com;'o''brien@b.example'", /^\w+@\w{7}\.\w{3};\w+@\w\.\w{7}$/],
    ['ip', '192.0.2.33', /^(?!192\.0\.2)\d{1,3}(?:\.\d{1,3}){3}$/],
    ['ip', '2001:db8::1', /^[0-9a-f:]{10,39}$/],
    ['host', '192.0.2.33', /^\d{1,3}(?:\.\d{1,3}){3}$/],
    ['host', 'EX01', /^[0-9A-Za-z]{6,}$/],
    ['text', 'Gehälter 2026 = |x|\\', /^[0-9A-Za-z]+$/],
  ])('of %s: %s keeps its form and comes back', (kind, value, form) => {
    expect(field('encrypt', kind, value)).toMatch(form)
    expect(decrypted(kind, value)).toBe(value)
  })

  test.each([
    '',
    'a',
    'Z',
    'ab',
    'zzz',
    '@',
    'a@',
    '@b',
    'a@b',
    '.@.',
    'Zz',
    '%',
    '\ufffd',
    '😀',
    'Z'.repeat(300),
  ])('has enough to hide even %j behind', (value) => {
    for (const kind of ['address', 'text', 'host'] as const) {
      const encrypted = field('encrypt', kind, value)
      if (value !== '') expect(encrypted.replace(/[@.]/g, '').length).toBeGreaterThanOrEqual(6)
      expect(decrypted(kind, value)).toBe(value)
    }
  })

  test('is the same in whichever column an address stands', () => {
    expect(field('encrypt', 'addresses', 'bob@x.com;ann@x.com').split(';')[1]).toBe(
      field('encrypt', 'address', 'ann@x.com'),
    )
  })

  test.each(['ann smith', 'ann@x@y', 'a', '%41', 'a_b', '\n'])('nothing is decrypted of %j', (value) => {
    expect(decryptValue(ff1, value, 'address')).toBeUndefined()
  })

  test('an address without its zone comes back', () => {
    expect(decrypted('ip', 'FE80:0::1%12')).toBe('fe80::1')
  })
})

test('values that come again are the same, however many come between', () => {
  const first = field('hash', 'text', 'first')
  for (let value = 0; value < 30_000; value++) protector.field('hash', 'text', `${value}`)
  expect(field('hash', 'text', 'first')).toBe(first)
})
