/**
 * What the contract of the output makes of a record, in plain strings: the reference for the event line. It
 * shares nothing with the encoder, nor with the mapping tables.
 */
import { isIPv4, isIPv6 } from 'node:net'
import type { Row } from './any-rows.ts'

/** The value a decoder is to read back, before its limit; `replaced`: characters that become U+FFFD as well. */
export function normalise(bytes: Buffer, replaced = ''): string {
  const text = bytes.toString('utf8')
  const shown = [...text].map((one) =>
    (one < ' ' && !'\t\n\r'.includes(one)) || one === '\x7f' || replaced.includes(one) ? '\ufffd' : one,
  )
  return shown
    .join('')
    .replace(/^[ \t]+/, '')
    .replace(/[ \t]+$/, '')
}

/** The beginning of the text that fits, in whole characters, without blanks where it was cut. */
export function cut(text: string, maxBytes: number): string {
  let kept = ''
  let size = 0
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > maxBytes) return kept.replace(/[ \t]+$/, '')
    kept += character
  }
  return kept
}

const ipv4 = (text: string) => (isIPv4(text) ? text : '')
const ipv6 = (text: string) => {
  const [address = ''] = text.split('%')
  return isIPv6(address) ? address : ''
}
const millis = (text: string) => {
  if (!/^(?:19[789]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d*)?Z?$/.test(text)) return ''
  const [seconds = '', fraction = ''] = text.replace('Z', '').split('.')
  const date = new Date(`${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`)
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds)
  return exists ? `${date.getTime()}` : ''
}
const integer = (text: string) => (/^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : '')
const clamp = (text: string, max: bigint) => (text !== '' && BigInt(text) > max ? `${max}` : text)

/** What the tables for the two families of logs differ in: see `expectedExtension`. */
export interface Version {
  readonly columns: '2016' | '2010'
  readonly additional: string
}

/** The keys of the extension in their order, with the values the contract wants. */
export function expectedExtension(
  row: Row,
  { columns, additional }: Version,
  replaced = '',
): [string, string][] {
  const of = (name: string) => normalise(row[name] ?? Buffer.alloc(0), replaced)
  const later = columns === '2016'
  const bytes = integer(of('total-bytes'))
  const size = clamp(bytes, 2n ** 31n - 1n)
  const received = row['event-id']?.toString('latin1') === 'RECEIVE'
  const source = of(later ? 'original-client-ip' : 'client-ip')
  const destination = later ? of('client-ip') : ''
  const labelled: [key: string, value: string, label: string][] = [
    ...[
      'internal-message-id',
      'message-id',
      'reference',
      'connector-id',
      'source-context',
      'return-path',
    ].map((name, index): [string, string, string] => {
      const label = name.replace(/(^|-)([a-z])/g, (_, gap, first) => (gap && ' ') + first.toUpperCase())
      return [`cs${index + 1}`, cut(of(name), 4000), label.replace('Id', 'ID')]
    }),
    ['cn1', clamp(integer(of('recipient-count')), 2n ** 63n - 1n), 'Recipient Count'],
    ['c6a1', ipv6(of('server-ip')), 'Device IPv6 Address'],
    ['c6a2', ipv6(source), 'Source IPv6 Address'],
    ['c6a3', ipv6(destination), 'Destination IPv6 Address'],
    ['flexString1', cut(of('directionality'), 1023), 'Directionality'],
  ]
  const all: [string, string][] = [
    ['rt', millis(of('date-time'))],
    ['msg', cut(of('message-subject'), 1023)],
    [received ? 'in' : 'out', size],
    ['cat', cut(of('source'), 1023)],
    ['sourceServiceName', cut(of('source'), 1023)],
    ['shost', later ? '' : cut(of('client-hostname'), 1023)],
    ['src', ipv4(source)],
    ['suser', cut(of('sender-address'), 1023)],
    ['dhost', later ? cut(of('client-hostname'), 1023) : ''],
    ['dst', ipv4(destination)],
    ['duser', cut(of('recipient-address'), 1023)],
    ...labelled.map(([key, value]): [string, string] => [key, value]),
    ...labelled.flatMap(([key, value, label]): [string, string][] => (value ? [[`${key}Label`, label]] : [])),
    ['dvchost', cut(of('server-hostname'), 100)],
    ['dvc', ipv4(of('server-ip'))],
    ['_cefVer', '0.1'],
    ...additional.split(' ').map((name): [string, string] => [`ad.${name}`, cut(of(name), 4000)]),
    ['ad.total-bytes', size === bytes || bytes.length > 4000 ? '' : bytes],
  ]
  return all.filter(([, value]) => value !== '')
}

export const version2016: Version = {
  columns: '2016',
  additional:
    'custom-data message-info network-message-id recipient-status related-recipient-address tenant-id transport-traffic-type',
}
export const version2010: Version = {
  columns: '2010',
  additional:
    'custom-data message-info original-client-ip original-server-ip recipient-status related-recipient-address tenant-id',
}
