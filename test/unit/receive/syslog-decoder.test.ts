import { describe, expect, test } from 'vitest'
import { decodeFrame } from '../../../src/receive/frame-decoder.ts'
import { decodeSyslog, type SyslogMessage } from '../../../src/receive/syslog-decoder.ts'

function decode(text: string): SyslogMessage {
  const decoded = decodeSyslog(Buffer.from(text))
  if (!decoded.ok) throw new Error(decoded.errors[0]?.reason)
  return decoded.syslog
}

function error(text: string): string {
  const decoded = decodeSyslog(Buffer.from(text))
  if (decoded.ok) return ''
  expect(decoded.errors).toHaveLength(1)
  return `${decoded.errors[0]!.offset}: ${decoded.errors[0]!.reason}`
}

test('takes a frame without header', () => {
  const { message, ...rest } = decode('CEF:0|…')
  expect(message.toString()).toBe('CEF:0|…')
  expect(rest).toEqual({
    format: 'none',
    priority: null,
    facility: null,
    severity: null,
    time: null,
    host: null,
    app: null,
    messageOffset: 0,
  })
})

test.each(['', ' CEF:0|', 'cef:0|', '12 CEF:0|', 'Nov 22 00:00:00 host CEF:0|', '\ufeffCEF:0|'])(
  'objects to the beginning of %j',
  (frame) => {
    expect(error(frame)).toBe('0: A frame must begin with <PRI> or CEF:.')
  },
)

describe('priority', () => {
  test.each([
    [0, 0, 0],
    [8, 1, 0],
    [134, 16, 6],
    [191, 23, 7],
  ])('%d is facility %d and severity %d', (priority, facility, severity) => {
    expect(decode(`<${priority}>Nov 22 00:00:00 host CEF:0|`)).toMatchObject({ priority, facility, severity })
    expect(decode(`<${priority}>1 - - - - - - CEF:0|`)).toMatchObject({ priority, facility, severity })
  })

  test.each(['<192>', '<00>', '<013>', '<-1>', '<>', '<1', '< 1>', '<1000>', '<1.5>'])(
    'objects to %s',
    (priority) => {
      expect(error(`${priority}Nov 22 00:00:00 host CEF:0|`)).toMatch(/^1: The priority must be/)
    },
  )
})

describe('RFC 3164 with the time of ISO 8601', () => {
  test('gives time, host and message', () => {
    const decoded = decode('<134>2026-11-20T14:00:01.324Z EX01 CEF:0|a b')
    expect(decoded).toMatchObject({
      format: 'iso8601',
      time: '2026-11-20T14:00:01.324Z',
      host: 'EX01',
      app: null,
      messageOffset: 35,
    })
    expect(decoded.message.toString()).toBe('CEF:0|a b')
    expect(decode('<134>2026-11-20T14:00:01+05:30 h CEF:0|').time).toBe('2026-11-20T14:00:01+05:30')
  })

  test.each([
    '<134>2026-02-29T14:00:01Z h CEF:0|',
    '<134>2026-11-20 14:00:01 CEF:0|',
    '<134>2026-11-20T24:00:00Z h CEF:0|',
    '<134>2026-11-20T14:00:01 h CEF:0|',
  ])('objects to the time of %s', (frame) => {
    expect(error(frame)).toMatch(/^5: The time must be like/)
  })

  test('objects to a header that ends early', () => {
    expect(error('<134>2026-11-20T14:00:01Z')).toMatch(
      /^5: After the priority there must be a time and a host/,
    )
  })
})

describe('RFC 3164', () => {
  test('gives time, host and message', () => {
    const decoded = decode('<134>Nov  2 03:04:05 ex01.example.com CEF:0|a b')
    expect(decoded).toMatchObject({
      format: 'rfc3164',
      time: 'Nov  2 03:04:05',
      host: 'ex01.example.com',
      app: null,
      messageOffset: 38,
    })
    expect(decoded.message.toString()).toBe('CEF:0|a b')
  })

  test.each(['Jan  1 00:00:00', 'Feb 29 23:59:59', 'Dec 31 12:00:00'])('takes %s', (time) => {
    expect(decode(`<1>${time} host CEF:0|`).time).toBe(time)
  })

  test.each([
    ['Nov 02 00:00:00 host CEF:', /^7: A day below ten must be padded/],
    ['Nov 2 00:00:00 host CEF:', /^3: After the priority/],
    ['Nov  0 00:00:00 host CEF:', /^7: Nov has no day "0"/],
    ['Nov 31 00:00:00 host CEF:', /^7: Nov has no day "31"/],
    ['Feb 30 00:00:00 host CEF:', /^7: Feb has no day/],
    ['Nvo 22 00:00:00 host CEF:', /^3: The month must be/],
    ['nov 22 00:00:00 host CEF:', /^3: After the priority/],
    ['Nov 22 24:00:00 host CEF:', /^10: The time must lie/],
    ['Nov 22 00:60:00 host CEF:', /^10: The time must lie/],
    ['Nov 22 00:00:60 host CEF:', /^10: The time must lie/],
    ['Nov 22 0:00:00 host CEF:', /^3: After the priority/],
    ['Nov 22 00:00:00 CEF:', /^3: After the priority/],
    ['Nov 22 00:00:00  CEF:0| x', /^3: After the priority/],
    ['Nov 22 00:00:00 hôst CEF:', /^3: After the priority/],
    ['Nov 22 2026 00:00:00 host CEF:', /^3: After the priority/],
    [' Nov 22 00:00:00 host CEF:', /^3: After the priority/],
    ['', /^3: After the priority/],
  ])('objects to %j', (rest, expected) => {
    expect(error(`<1>${rest}`)).toMatch(expected)
  })
})

describe('RFC 5424', () => {
  test('gives time, host, app and message', () => {
    const decoded = decode('<134>1 2026-11-22T00:00:00.000Z ex01 msgtrk - - - CEF:0|é')
    expect(decoded).toMatchObject({
      format: 'rfc5424',
      time: '2026-11-22T00:00:00.000Z',
      host: 'ex01',
      app: 'msgtrk',
    })
    expect(decoded.message.toString()).toBe('CEF:0|é')
  })

  test('takes nil values', () => {
    expect(decode('<1>1 - - - - - - CEF:')).toMatchObject({ time: null, host: null, app: null })
  })

  test.each(['2026-11-22T00:00:00Z', '2024-02-29T23:59:59.123456+05:30', '2026-01-01T00:00:00.1-23:59'])(
    'takes the timestamp %s',
    (time) => expect(decode(`<1>1 ${time} h a - - - CEF:`).time).toBe(time),
  )

  test.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T00:00:60Z',
    '2026-11-22T00:00:00',
    '2026-11-22t00:00:00z',
    '2026-11-22T00:00:00.1234567Z',
    '2026-11-22T00:00:00+24:00',
    '1763769600',
  ])('objects to the timestamp %s', (time) => {
    expect(error(`<1>1 ${time} h a - - - CEF:`)).toMatch(/^5: The timestamp must be/)
  })

  test.each(['-', '[id]', '[id a="b"]', '[id@32473 a="b c" d="\\"\\]\\\\ é"][x y=""]'])(
    'takes the structured data %s',
    (data) => {
      expect(decode(`<1>1 - h a - - ${data} CEF:0|`).message.toString()).toBe('CEF:0|')
    },
  )

  test.each(['[]', '[id a=b]', '[id a="]"]', '[id a="b"', '[id  a="b"]', '[i=d]', '', '--'])(
    'objects to the structured data %j',
    (data) => expect(error(`<1>1 - h a - - ${data} CEF:0|`)).toMatch(/^15: The structured data/),
  )

  test.each([
    ['<1>2 - h a - - - CEF:', /^3: The version must be 1/],
    ['<1>1 - h a', /^9: The header ends before its app name/],
    ['<1>1 -  a - - - CEF:', /^7: The host must be/],
    [`<1>1 - ${'h'.repeat(256)} a - - - CEF:`, /^7: The host must be 1 to 255/],
    [`<1>1 - h ${'a'.repeat(49)} - - - CEF:`, /^9: The app name must be 1 to 48/],
    ['<1>1 - hôst a - - - CEF:', /^7: The host must be/],
    ['<1>1 - h a - - -CEF:0|', /^15: The structured data/],
  ])('objects to %j', (frame, expected) => {
    expect(error(frame)).toMatch(expected)
  })
})

test('a whole frame counts its offsets from the first byte of the frame', () => {
  const frame = '<134>Nov 22 00:00:00 host CEF:0|a|b|c|d|e|3| in=1 src=x'
  expect(decodeFrame(Buffer.from(frame))).toEqual({
    ok: false,
    errors: [{ offset: frame.length - 1, reason: 'src must be an IPv4 address in CEF:0, not "x".' }],
  })
  expect(decodeFrame(Buffer.from(frame.replace('src=x', 'src=192.0.2.1')))).toMatchObject({
    ok: true,
    syslog: { host: 'host' },
    event: { vendor: 'a' },
  })
  expect(decodeFrame(Buffer.from('<999>'))).toMatchObject({ ok: false })
})
