/**
 * Events of exchange-modern, which are made by every converter that a table has: whatever stands in a log, a strict
 * decoder takes them, and what is hidden in a field does not become a key of its own.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { knownEvents } from '../../src/filter/events.ts'
import { loadDictionary, loadMapping } from '../../src/map/table/load.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { longRowOf, type Row, rowOf } from '../support/any-rows.ts'
import { onlyBatch } from '../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const { fields, device, additional } = loadMapping('exchange-modern.v1', {
  dictionary: loadDictionary(),
}).content
const keys = new Set([
  ...[...fields, ...device].flatMap(({ key }) => [key, `${key}Label`]),
  ...additional.map((entry) => `ad.${typeof entry === 'string' ? entry : entry.name}`),
  'ad.total-bytes',
  '_cefVer',
])

/** Lists as Exchange writes them, whole and broken, in the columns that the table takes apart. */
const status = fc
  .array(
    fc.constantFrom(
      '250 2.1.5 OK', "'550 5.1.1 no; way'", '450 4.2.1 later', '[{LED=550 5.1.1 a=b|c\\};{MSG=}]', "'", "''", ';', 'LED=',
      'LED=451 }x', '5', '55', '550', '550 ', '\t', '\\', 'é', '=', 'To', '',
    ), // biome-ignore format: a list of texts
    { maxLength: 6 },
  )
  .map((parts) => Buffer.from(parts.join(';')))
const custom = fc
  .array(
    fc.constantFrom(
      'S:ProxiedClientIPAddress=10.1.2.3', 'S:ProxiedClientIPAddress=::1', 'S:ProxiedClientIPAddress=', "'", ' cs1=x',
      "'S:ProxiedClientIPAddress=a;b'", 'S:A=1',
    ), // biome-ignore format: a list of texts
    { maxLength: 5 },
  )
  .map((parts) => Buffer.from(parts.join(';')))
const lists = fc.record({ 'recipient-status': status, 'custom-data': custom })

const maybe = (...texts: readonly string[]) => fc.constantFrom('', ...texts)
const ip = maybe('10.0.0.1', '10.0.0.2', '192.0.2.7', 'fe80::1%3', '2001:db8::1', 'mx.example')
const host = maybe('EX01', 'ex01.x.example', 'ex02', 'EX02.x.example', 'mx.example', '[192.0.2.7]')
/** Rows of every event as Exchange may write them, each value another one but for names and addresses. */
const logged: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record({
  'date-time': fc.constant('2026-11-20T14:00:01.037Z'),
  'event-id': fc.constantFrom(...knownEvents, 'NEW'),
  source: fc.constantFrom('SMTP', 'STOREDRIVER', 'ROUTING', 'AGENT', 'MAILBOXRULE', 'DSN', 'GATEWAY'),
  'client-ip': ip,
  'client-hostname': host,
  'server-ip': ip,
  'server-hostname': host,
  'source-context': maybe('Failure', '08DB;2026-03-01T10:00:00.000Z;0', 'MDB:1, Mailbox:2'),
  'connector-id': maybe('EX01\\Default EX01', 'To the Internet', 'Intra-Organization SMTP Send Connector'),
  'internal-message-id': maybe('164213779595265'),
  'message-id': maybe('<a@x.example>'),
  'network-message-id': maybe('ad8e9f38-83cc-4fd7-7d54-08db3388f694'),
  'recipient-address': maybe('a@x.example', 'a@x.example;b@y.example'),
  'recipient-status': maybe(
    'To;Cc',
    '250 2.1.5 OK',
    '[{LED=550 5.1.1 no};{MSG=}]',
    '[{LED=250 2.1.5 RESOLVER.FWD.Forwarded; x}]',
  ),
  'total-bytes': maybe('5890'),
  'recipient-count': maybe('2'),
  'related-recipient-address': maybe('old@x.example'),
  reference: maybe('<b@x.example>'),
  'message-subject': maybe('Hello'),
  'sender-address': maybe('s@x.example'),
  'return-path': maybe('<>', 'r@x.example'),
  'message-info': maybe(
    '0cA:',
    '<a@x.example>:<550 5.1.1 no>',
    '2026-03-01T10:00:00.000Z;LSRV=ex02.x.example:TOTAL-SUB=0.39',
  ),
  directionality: maybe('Incoming', 'Originating', 'Undefined'),
  'tenant-id': maybe('0f0e8b7a-0002-4000-8000-08d86addd4d3'),
  'original-client-ip': maybe('198.51.100.7', '2001:db8::7', 'client.example'),
  'original-server-ip': maybe('198.51.100.8', '2001:db8::8'),
  'custom-data': maybe(
    'S:A=1',
    'S:ProxiedClientIPAddress=203.0.113.9',
    'S:ProxiedClientHostname=h.y.example;S:A=2',
    'S:ProxiedClientIPAddress=203.0.113.9;S:ProxiedClientHostname=h.y.example',
  ),
  'transport-traffic-type': maybe('Email'),
  'log-id': maybe('0f0e8b7a-0002-4000-8000-08d86addd4d4'),
  'schema-version': fc.constant('15.02.2562.045'),
})

describe.each([0, 1] as const)('CEF:%i', (cefVersion) => {
  const transform = createEventTransform({
    mapping: 'exchange-modern.v1',
    cefVersion,
    additionalData: 'arcsight',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 1 << 20,
  })

  function expectEvents(rows: readonly Row[], columns: readonly string[]): void {
    const bytes = Buffer.concat(rows.map((row) => csvRow(columns.map((name) => row[name] ?? ''))))
    const { frames, ends } = onlyBatch(transform(chunkOf(bytes, layoutOf(columns))))
    expect(ends).toHaveLength(rows.length)
    for (const [index, end] of ends.entries()) {
      const decoded = decodeCef(Buffer.from(frames.subarray(ends[index - 1] ?? 0, end - 1)))
      expect(decoded.ok ? [] : decoded.errors).toEqual([])
      if (!decoded.ok) continue
      expect([...decoded.event.extension.keys()].filter((key) => !keys.has(key))).toEqual([])
    }
  }

  test.each(['2016', '2013', '2010'] as const)('any record of %s decodes', (version) => {
    const columns = knownColumns[version]
    const rows = fc.array(fc.oneof(rowOf(layoutOf(columns)), longRowOf(layoutOf(columns))), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(rows, (all) => expectEvents(all, columns)),
      { numRuns: runs(60) },
    )
  })

  test('any list in a status or in custom-data decodes', () => {
    const columns = knownColumns['2016']
    fc.assert(
      fc.property(rowOf(layoutOf(columns)), lists, (row, inLists) =>
        expectEvents([{ ...row, ...inLists }], columns),
      ),
      { numRuns: runs(150) },
    )
  })

  test.each(['2007', '2010', '2013', '2016'] as const)('every value of %s is in the event', (version) => {
    const columns = knownColumns[version]
    fc.assert(
      fc.property(fc.array(logged, { minLength: 1, maxLength: 20, size: 'max' }), (rows) => {
        const bytes = Buffer.concat(rows.map((row) => csvRow(columns.map((name) => row[name] ?? ''))))
        const { frames, ends } = onlyBatch(transform(chunkOf(bytes, layoutOf(columns))))
        for (const [index, row] of rows.entries()) {
          const decoded = decodeCef(Buffer.from(frames.subarray(ends[index - 1] ?? 0, ends[index]! - 1)))
          if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
          const { extension, eventClassId, deviceVersion } = decoded.event
          const values = new Set([...extension.values(), eventClassId, deviceVersion])
          for (const column of columns) {
            const text = row[column] ?? ''
            // An address is written without its zone.
            const isWritten = text === '' || values.has(text) || values.has(text.replace(/%\d$/, ''))
            const isThere = column === 'date-time' ? extension.has('rt') : isWritten
            if (!isThere)
              throw new Error(
                `${column}=${text} is not in ${frames.subarray(ends[index - 1] ?? 0, ends[index]!)}`,
              )
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})
