import { afterEach, describe, expect, test, vi } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'
import { facilities, frameShape, type SyslogOptions } from '../../../src/encode/options.ts'
import { SyslogHeader } from '../../../src/encode/syslog-header.ts'
import { SYSLOG_HEADER_MAX_BYTES } from '../../../src/hot-loop/contract.ts'
import { decodeSyslog } from '../../../src/receive/syslog-decoder.ts'

const defaults = frameShape.syslog.parse(undefined)
const early = Date.parse('2026-11-02T03:04:05.678Z')

function header(options: Partial<SyslogOptions>, timeMs = early, severity = 3, host = 'ex01'): string {
  const out = new ByteWriter(SYSLOG_HEADER_MAX_BYTES)
  const syslog = { ...defaults, ...options }
  new SyslogHeader(syslog, host).write(out, timeMs, severity)
  return out.bytes.toString('utf8', 0, out.length)
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('RFC 3164', () => {
  test('is the default: no tag, the day padded with a space', () => {
    expect(header({})).toBe('<134>Nov  2 03:04:05 ex01 ')
    expect(header({}, Date.parse('2026-01-31T23:59:59.999Z'))).toBe('<134>Jan 31 23:59:59 ex01 ')
  })

  test('takes the host of the options first', () => {
    expect(header({ host: 'relay.example.com' })).toBe('<134>Nov  2 03:04:05 relay.example.com ')
  })
})

describe('RFC 5424', () => {
  test('has milliseconds, the program and three nils', () => {
    expect(header({ header: 'rfc5424' })).toBe('<134>1 2026-11-02T03:04:05.678Z ex01 msgtrk - - - ')
  })

  test('has the offset of a local zone', () => {
    vi.stubEnv('TZ', 'Asia/Kolkata')
    expect(header({ header: 'rfc5424', zone: 'local' })).toContain(' 2026-11-02T08:34:05.678+05:30 ')
    vi.stubEnv('TZ', 'America/St_Johns')
    expect(header({ header: 'rfc5424', zone: 'local' })).toContain(' 2026-11-01T23:34:05.678-03:30 ')
    vi.stubEnv('TZ', 'UTC')
    expect(header({ header: 'rfc5424', zone: 'local' })).toContain(' 2026-11-02T03:04:05.678+00:00 ')
  })
})

describe('RFC 3164 with the time of ISO 8601', () => {
  test('has year, milliseconds and zone', () => {
    expect(header({ header: 'iso8601' })).toBe('<134>2026-11-02T03:04:05.678Z ex01 ')
    vi.stubEnv('TZ', 'Asia/Kolkata')
    expect(header({ header: 'iso8601', zone: 'local' })).toBe('<134>2026-11-02T08:34:05.678+05:30 ex01 ')
  })
})

describe('the zone', () => {
  test('is UTC unless local is asked for', () => {
    vi.stubEnv('TZ', 'America/New_York')
    expect(header({})).toBe('<134>Nov  2 03:04:05 ex01 ')
    expect(header({ zone: 'local' })).toBe('<134>Nov  1 22:04:05 ex01 ')
    expect(header({ zone: 'local' }, Date.parse('2026-07-01T03:04:05Z'))).toBe('<134>Jun 30 23:04:05 ex01 ')
  })

  test.each(['rfc3164', 'iso8601', 'rfc5424'] as const)(
    'the last hours of the year 9999 and odd old offsets keep %s',
    (kind) => {
      for (const zone of ['Pacific/Kiritimati', 'America/Los_Angeles', 'Africa/Monrovia']) {
        vi.stubEnv('TZ', zone)
        for (const time of ['9999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z']) {
          const text = header({ header: kind, zone: 'local' }, Date.parse(time))
          expect(decodeSyslog(Buffer.from(`${text}CEF:`)), text).toMatchObject({ ok: true })
        }
      }
    },
  )
})

test('the priority is the facility times eight and the severity of the event', () => {
  const severities = Array.from({ length: 11 }, (_, severity) => {
    const decoded = decodeSyslog(Buffer.from(`${header({}, early, severity)}CEF:`))
    return decoded.ok && decoded.syslog.severity
  })
  expect(severities).toEqual([6, 6, 6, 6, 4, 4, 4, 3, 3, 2, 2])
  facilities.forEach((facility, number) => {
    expect(header({ facility }, early, 10)).toMatch(new RegExp(`^<${number * 8 + 2}>Nov`))
  })
})

test('facilities have the numbers of RFC 5424', () => {
  expect(
    ['kern', 'mail', 'auth', 'ftp', 'local0', 'local7'].map((name) => facilities.indexOf(name as 'kern')),
  ).toEqual([0, 2, 4, 11, 16, 23])
})

test('times that share a second, or do not, have their own text', () => {
  const out = new ByteWriter(1024)
  const rfc5424 = new SyslogHeader({ ...defaults, header: 'rfc5424' }, 'h')
  const times = ['00.000', '00.001', '59.999', '00.000'].map((second) => `2026-11-02T03:04:${second}Z`)
  for (const time of times) rfc5424.write(out, Date.parse(time), 0)
  expect(out.bytes.toString('latin1', 0, out.length).match(/2026\S+/g)).toEqual(times)
  out.length = 0
  const rfc3164 = new SyslogHeader(defaults, 'h')
  for (const second of ['00.000', '00.999', '01.000', '00.000'])
    rfc3164.write(out, Date.parse(`2026-11-02T03:04:${second}Z`), 0)
  expect(out.bytes.toString('latin1', 0, out.length).match(/03:04:\d\d/g)).toEqual(
    ['00', '00', '01', '00'].map((second) => `03:04:${second}`),
  )
})

test.each([
  ['a machine name', 'a machine name'.replaceAll(' ', '-')],
  ['büro-pc', 'b-ro-pc'],
  ['x CEF:0|a|b\n<1>', 'x-CEF:0|a|b-<1>'],
  ['', '-'],
])('a host that is no word of printable ASCII can not break the header: %j', (host, shown) => {
  expect(header({}, early, 3, host)).toBe(`<134>Nov  2 03:04:05 ${shown} `)
})

test('the longest header fits into its limit', () => {
  vi.stubEnv('TZ', 'Asia/Kolkata')
  const longest = header({ header: 'rfc5424', zone: 'local', facility: 'local7' }, early, 0, 'h'.repeat(1000))
  expect(longest.length).toBeLessThanOrEqual(SYSLOG_HEADER_MAX_BYTES)
  expect(longest).toContain(` ${'h'.repeat(255)} msgtrk - - - `)
})
