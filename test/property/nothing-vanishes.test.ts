/**
 * Nothing of a row vanishes: what stands in a column stands in its event, whatever server wrote the row, whichever
 * columns are empty, whatever happened, and in whatever version of Exchange.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { knownEvents } from '../../src/filter/events.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const sources = [
  'ADMIN', 'AGENT', 'APPROVAL', 'BOOTLOADER', 'DNS', 'DSN', 'GATEWAY', 'MAILBOXRULE', 'MEETINGMESSAGEPROCESSOR', 'ORAR',
  'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'QUEUE', 'REDUNDANCY', 'ROUTING', 'SAFETYNET', 'SMTP', 'STOREDRIVER',
] // biome-ignore format: a list of words

/** What may stand in a column beside nothing, other things than in all others. */
const contents: Readonly<Record<string, readonly string[]>> = {
  'client-ip': ['192.0.2.11', '2001:db8::11', 'pipe-1'],
  'server-ip': ['192.0.2.12', '2001:db8::12', 'pipe-2'],
  'original-client-ip': ['192.0.2.13', '2001:db8::13', 'pipe-3'],
  'original-server-ip': ['192.0.2.14', '2001:db8::14', 'pipe-4'],
  'client-hostname': ['CLIENT', 'client.contoso.example', 'SAME', '[192.0.2.15]'],
  'server-hostname': ['SERVER', 'server.contoso.example', 'same.contoso.example', '192.0.2.16'],
  'connector-id': ['EX01\\Default', 'Internet', 'Intra-Organization SMTP Send Connector'],
  'total-bytes': ['70001', '4294967296000'],
  'recipient-count': ['70002'],
  directionality: ['Incoming', 'Originating'],
  'message-info': ['00A:of-info', '<a@b.example>:<550 5.1.1 of-info>', '2026-11-20T14:00:00.000Z;LSRV=EX01'],
  'recipient-status': [
    'To', '250 2.1.5 OK', "'550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'", '250 2.1.5 RESOLVER.FWD.Forwarded',
    "'[{LED=451 4.7.0 later};{MSG=};{FQDN=};{IP=};{LRT=}]'", 'words',
  ],
  'source-context': ['08DD;2026-11-20T14:00:00.000Z', 'Failure', 'MDB:1, ClientType:OWA'],
  'custom-data': ['S:E2ELatency=1.5;S:IsProbe=true', 'S:ProxiedClientIPAddress=192.0.2.17;S:ProxiedClientHostname=far.example'],
} // biome-ignore format: lists of texts

const blank = 4
const rowOf = (columns: readonly string[]) =>
  fc.record(
    Object.fromEntries(
      columns.map((name) => {
        if (name === 'date-time') return [name, fc.constant('2026-11-20T14:00:00.123Z')]
        if (name === 'event-id') return [name, fc.constantFrom(...knownEvents, 'SOMETHINGNEW')]
        if (name === 'source') return [name, fc.constantFrom(...sources)]
        const full = fc.constantFrom(...(contents[name] ?? [`of-${name}`]))
        return [
          name,
          fc.oneof({ weight: blank, arbitrary: fc.constant('') }, { weight: 10 - blank, arbitrary: full }),
        ]
      }),
    ) as Readonly<Record<string, fc.Arbitrary<string>>>,
  )

describe.each(['exchange-modern.v1', 'exchange-hunting.v1'])('%s', (mapping) => {
  const transform = plainTransform({
    mapping,
    organisation: { domains: ['contoso.example'], connectors: [] },
    cefVersion: 0,
    maxMessageBytes: 1 << 20,
  })

  test.each(['2007', '2010', '2013', '2016'] as const)('of a row of %s', (version) => {
    const columns: readonly string[] = knownColumns[version]
    const layout = layoutOf(columns)
    fc.assert(
      fc.property(rowOf(columns), (row) => {
        const bytes = csvRow(columns.map((name) => row[name] ?? ''))
        const { frames } = onlyBatch(transform(chunkOf(bytes, layout)))
        const decoded = decodeCef(Buffer.from(frames.subarray(0, -1)))
        if (!decoded.ok) throw new Error(decoded.errors.map(({ reason }) => reason).join())
        const { eventClassId, deviceVersion, extension } = decoded.event
        const all = [eventClassId, deviceVersion, ...extension.values()]
        const missing = columns.filter((name) => {
          const text =
            name === 'date-time' ? String(Date.UTC(2026, 10, 20, 14, 0, 0, 123)) : (row[name] ?? '')
          return text !== '' && !all.includes(text)
        })
        expect(missing, JSON.stringify(row)).toEqual([])
      }),
      { numRuns: runs(5_000) },
    )
  })
})
