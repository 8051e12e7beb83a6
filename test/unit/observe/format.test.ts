import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatJson, formatReadable } from '../../../src/observe/format.ts'

const at = new Date(2026, 10, 20, 1, 2, 3)
const entry = (fields: Record<string, unknown>, message = 'A sentence') => ({
  level: 'info',
  message,
  time: at,
  fields,
})
const readable = (fields: Record<string, unknown>, message?: string) =>
  formatReadable(entry(fields, message), false)

describe('readable', () => {
  test('is the time, the level, the sentence, the fields', () => {
    expect(readable({ file: 'MSGTRK2026112001-1.LOG', offset: 12 })).toBe(
      '2026-11-20 01:02:03 info  A sentence file=MSGTRK2026112001-1.LOG offset=12',
    )
  })

  test.each([
    ['two words', '"two words"'],
    ['', '""'],
    ['a="b\\c"', '"a=\\"b\\\\c\\""'],
    ['\\\\EX01\\Message Tracking', '"\\\\EX01\\Message Tracking"'],
    ['one\r\ntwo', '"one\\r\\ntwo"'],
    ['\u001b[2J\u0007\u009b1m', '\\u001b[2J\\u0007\\u009b1m'],
    ['ab\u202egol.exe', 'ab\\u202egol.exe'],
    [['a', 'b'], 'a,b'],
    [['a', 'b c'], '"[\\"a\\",\\"b c\\"]"'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [null, 'null'],
    [new Error('Refused'), 'Refused'],
  ])('writes %j as %s', (value, expected) => {
    expect(readable({ field: value })).toBe(`2026-11-20 01:02:03 info  A sentence field=${expected}`)
  })

  test('leaves out what is undefined', () => {
    expect(readable({ gone: undefined })).toBe('2026-11-20 01:02:03 info  A sentence')
  })

  test('escapes the sentence and the names too', () => {
    expect(readable({ 'a\nb': 1 }, 'one\ntwo')).toBe('2026-11-20 01:02:03 info  one\\ntwo a\\nb=1')
  })
})

describe('JSON', () => {
  const json = (fields: Record<string, unknown>) => JSON.parse(formatJson(entry(fields)))

  test('is the time, the level, the sentence, the fields', () => {
    expect(json({ offset: 12, list: ['a'] })).toEqual({
      time: at.toISOString(),
      level: 'info',
      message: 'A sentence',
      offset: 12,
      list: ['a'],
    })
  })

  test('keeps fields that are called like its own', () => {
    expect(json({ level: 'high', message: 'other' })).toMatchObject({
      level: 'info',
      level_: 'high',
      message: 'A sentence',
      message_: 'other',
    })
  })

  test('tells an error with its code, its cause and its stack', () => {
    const error = Object.assign(new Error('Refused', { cause: new Error('Why') }), { code: 'ECONNREFUSED' })
    expect(json({ error }).error).toEqual({
      message: 'Refused',
      code: 'ECONNREFUSED',
      cause: { message: 'Why', stack: expect.any(String) },
      stack: expect.any(String),
    })
  })

  test('of what cannot be written is a line all the same', () => {
    const ring: Record<string, unknown> = {}
    ring.ring = ring
    expect(json({ ring, big: 12n, call: () => 1 })).toMatchObject({ ring: '[unprintable]', big: '12' })
  })
})

test.each(['password', 'passphrase', 'key', 'token', 'accessToken', 'clientSecret'])(
  'a field called %s is not shown, wherever it stands',
  (name) => {
    const fields = { [name]: 'hunter2', tls: { [name]: 'hunter2', list: [{ [name]: { inner: 'hunter2' } }] } }
    expect(formatJson(entry(fields))).not.toContain('hunter2')
    expect(readable(fields)).not.toContain('hunter2')
    expect(readable(fields)).toContain(`${name}=[secret]`)
  },
)

test('whether there is a secret is shown', () => {
  expect(readable({ needsToken: true, tls: { key: false } })).toContain('needsToken=true')
  expect(formatJson(entry({ tls: { key: false } }))).toContain('"key":false')
})

test('no value breaks a line or reaches the terminal as a command', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('\n', '\r', '\u001b', '\u0085', '\u2028', '\u202e', '"', '\\', '=', ' ', 'a'),
    }),
  )
  const unsafe = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
  fc.assert(
    fc.property(text, text, text, (message, name, value) => {
      const some = entry({ [name]: value }, message)
      expect(formatJson(some)).not.toMatch(unsafe)
      expect(formatReadable(some, false)).not.toMatch(unsafe)
      expect(JSON.parse(formatJson(some)).message).toBe(message)
    }),
  )
})

test('no value can pass for another field', () => {
  const value = fc.string({ unit: fc.constantFrom('"', '\\', '=', ' ', 'a') })
  fc.assert(
    fc.property(value, (value) => {
      const shown = readable({ field: value }).slice('2026-11-20 01:02:03 info  A sentence field='.length)
      const quoted = /^"(?:[^"\\]|\\.)*"$/.test(shown) || (!value.includes('"') && shown === `"${value}"`)
      expect(quoted || !/[ "=]/.test(shown)).toBe(true)
    }),
  )
})
