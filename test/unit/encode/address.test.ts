import { describe, expect, test } from 'vitest'
import { ipv6Text, isIpv4, looksLikeIpv6 } from '../../../src/encode/address.ts'

/** Calls `check` with the text in the middle of other bytes. */
function within<T>(check: (bytes: Buffer, start: number, end: number) => T, text: string): T {
  const bytes = Buffer.from(`1.${text}.1`)
  return check(bytes, 2, bytes.length - 2)
}

describe('IPv4', () => {
  test.each(['0.0.0.0', '10.20.30.40', '255.255.255.255', '1.0.0.10'])('%s', (text) => {
    expect(within(isIpv4, text)).toBe(true)
  })

  test.each([
    '', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.1.1.999', '1.1.1.01', '00.1.1.1', '1..1.1', '.1.1.1', '1.1.1.',
    '1.1.1.a', '-1.1.1.1', '1.1.1.1 ', ' 1.1.1.1', '1.1.1.1:25', '::1', '1,1.1.1', '0x1.1.1.1', '1.1.1.1\r',
    '99999999999999999999.1.1.1', '...', '1.1.1.1%eth0',
  ])('not %j', (text) => {
    expect(within(isIpv4, text)).toBe(false)
  }) // biome-ignore format: a list of texts
})

describe('IPv6', () => {
  test.each([
    ['::', '::'],
    ['fe80::1%12', 'fe80::1'],
    ['fe80::1%eth0 cs1=x', 'fe80::1'],
    ['fe80::1%', 'fe80::1'],
    ['2001:DB8::A', '2001:DB8::A'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('%s without its zone', (text, address) => {
    expect(within(looksLikeIpv6, text)).toBe(true)
    expect(within(ipv6Text, text)).toBe(address)
  })

  test.each([
    '',
    '1.2.3.4',
    'host:25',
    '1:2',
    '::1\r',
    '::1 ',
    ' ::1',
    '[::1]',
    ':::',
    '12345::',
    '%::1',
    '::é',
  ])('not %j', (text) => {
    expect(within(ipv6Text, text)).toBeNull()
  })

  test('looks like one by its colon only within its bounds', () => {
    expect(looksLikeIpv6(Buffer.from(':1.2:'), 1, 4)).toBe(false)
    expect(looksLikeIpv6(Buffer.from('SMTP: hello'), 0, 11)).toBe(true)
  })
})
