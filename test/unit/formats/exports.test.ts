/** Exports as cmdlets and portals write them, and the rows of a tracking log that they are. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { type ExportOptions, exportChunks } from '../../../src/formats/exports.ts'
import { parseZone, utc } from '../../../src/formats/zone.ts'
import { createParser } from '../../../src/parse/parser.ts'
import { fieldsIn } from '../../support/records.ts'
import { runs } from '../../support/runs.ts'

const known = { dates: 'dmy', zone: utc } as const
const unknown = { dates: null, zone: null } as const

async function read(lines: readonly string[], options: ExportOptions = known) {
  const bytes = Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
  async function* pieces(): AsyncGenerator<Buffer> {
    const size = bytes.length > 10_000 ? 1 << 16 : 50
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const chunks: Chunk[] = []
  for await (const chunk of exportChunks(pieces(), 'a.csv', options)) chunks.push(chunk)
  const parse = createParser()
  const records = chunks.flatMap((chunk) => {
    const { runs, malformed } = parse(chunk)
    expect(malformed).toEqual(chunk.malformed)
    return runs.flatMap((run) =>
      fieldsIn(run).map((fields) => {
        const named = run.layout.columns.map((column, at) => [
          column,
          Buffer.from(fields[at] ?? '', 'latin1').toString(),
        ])
        return Object.fromEntries(named.filter(([, value]) => value !== '')) as Record<string, string>
      }),
    )
  })
  const malformed = chunks.flatMap((chunk) =>
    chunk.malformed.map(({ offset, reason }) => ({
      offset,
      reason,
      text: bytes.toString('utf8', offset, offset + 10),
    })),
  )
  return { records, malformed, chunks, bytes }
}

/** Names and values of an object as Export-Csv writes them. */
function exported(values: Readonly<Record<string, string>>, delimiter = ',', quote = '"'): string[] {
  const line = (fields: readonly string[]) =>
    fields.map((field) => quote + field.replaceAll('"', '""') + quote).join(delimiter)
  return [line(Object.keys(values)), line(Object.values(values))]
}

const tracking = {
  Timestamp: '06.09.2015 01:02:44',
  ClientIp: '10.0.0.1',
  ClientHostname: 'EX01',
  ServerIp: '10.0.0.2',
  ServerHostname: 'EX02.contoso.example',
  SourceContext: '08D2A38562DD7452;2015-09-06T00:02:44.134Z;0',
  ConnectorId: 'EX01\\Default',
  Source: 'SMTP',
  EventId: 'SEND',
  InternalMessageId: '3175',
  MessageId: '<6a@x.example>',
  NetworkMessageId: '6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  Recipients: 'System.String[]',
  RecipientStatus: 'System.String[]',
  TotalBytes: '22903',
  RecipientCount: '1',
  RelatedRecipientAddress: '',
  Reference: 'System.String[]',
  MessageSubject: 'Grüße, "t"; more',
  Sender: 'r@x.example',
  ReturnPath: 'r@x.example',
  Directionality: 'Originating',
  TenantId: '',
  OriginalClientIp: '10.0.0.9',
  MessageInfo: '2015-09-06T00:02:43.649Z;SRV=E:TOTAL=0',
  MessageLatency: '00:00:00.53',
  MessageLatencyType: 'EndToEnd',
  EventData: 'System.Collections.Generic.KeyValuePair`2[System.String,System.Object][]',
  TransportTrafficType: 'Email',
  SchemaVersion: '15.1.2507.6',
}
const remoting = { PSComputerName: 'ex01', RunspaceId: '4159009d', PSShowComputerName: 'False' }
const trackingRow = {
  'date-time': '2015-09-06T01:02:44Z',
  'client-ip': '10.0.0.1',
  'client-hostname': 'EX01',
  'server-ip': '10.0.0.2',
  'server-hostname': 'EX02.contoso.example',
  'source-context': '08D2A38562DD7452;2015-09-06T00:02:44.134Z;0',
  'connector-id': 'EX01\\Default',
  source: 'SMTP',
  'event-id': 'SEND',
  'internal-message-id': '3175',
  'message-id': '<6a@x.example>',
  'network-message-id': '6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  'total-bytes': '22903',
  'recipient-count': '1',
  'message-subject': 'Grüße, "t"; more',
  'sender-address': 'r@x.example',
  'return-path': 'r@x.example',
  'message-info': '2015-09-06T00:02:43.649Z;SRV=E:TOTAL=0',
  directionality: 'Originating',
  'original-client-ip': '10.0.0.9',
  'transport-traffic-type': 'Email',
  'schema-version': '15.1.2507.6',
}
const type = '#TYPE Deserialized.Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent'

describe('Get-MessageTrackingLog | Export-Csv', () => {
  test.each<[how: string, lines: string[]]>([
    ['PowerShell 7', exported(tracking)],
    ['PowerShell 5.1, remote, with its type', [type, ...exported({ ...remoting, ...tracking })]],
    ['-UseCulture, with semicolons', exported(tracking, ';')],
    ['tabs', exported(tracking, '\t')],
    ['a byte order mark', exported(tracking).map((line, at) => (at === 0 ? `\ufeff${line}` : line))],
    ['the same export twice in a file', [...exported(tracking), exported(tracking)[0] as string]],
  ])('%s', async (_, lines) => {
    expect(await read(lines)).toMatchObject({ records: [trackingRow], malformed: [] })
  })

  test('not quoted, some columns, in another order', async () => {
    const { records } = await read(['Sender,Timestamp,EventId', 'a@x,06/09/2015 01:02:44,FAIL'])
    expect(records).toEqual([
      { 'date-time': '2015-09-06T01:02:44Z', 'event-id': 'FAIL', 'sender-address': 'a@x' },
    ])
  })

  test.each([
    ['a@x.example b@x.example', 'a@x.example;b@x.example'],
    ['a@x.example, b@x.example', 'a@x.example;b@x.example'],
    ['{a@x.example, b@x.example}', 'a@x.example;b@x.example'],
    ['a@x.example; b@x.example', 'a@x.example;b@x.example'],
    ['a@x.example', 'a@x.example'],
    ['"a b"@x.example', '"a b"@x.example'],
    ['/o=Org/cn=John Smith', '/o=Org/cn=John Smith'],
  ])('recipients joined as %s', async (joined, list) => {
    const { records } = await read(
      exported({ Timestamp: '2015-09-06 01:02:44', EventId: 'SEND', Recipients: joined }),
    )
    expect(records[0]?.['recipient-address']).toBe(list)
  })

  test('a type in place of a list is nothing, a subject like one stays', async () => {
    const values = { ...tracking, MessageSubject: 'System.String[]', EventData: 'x' }
    const { records } = await read(exported(values))
    expect(records[0]).toMatchObject({ 'message-subject': 'System.String[]', 'custom-data': 'x' })
    expect(records[0]).not.toHaveProperty('recipient-address')
  })

  test('line breaks in a value stand there as a log writes them: no second row', async () => {
    const subject = 'a\r\n2026-11-20T14:00:01.037Z,10.0.0.1,forged'
    const { records } = await read(exported({ ...tracking, MessageSubject: subject }))
    expect(records).toHaveLength(1)
    expect(records[0]?.['message-subject']).toBe('a\\r\\n2026-11-20T14:00:01.037Z,10.0.0.1,forged')
  })

  test('whatever a sender writes stays in its field of its row', async () => {
    const piece = fc.constantFrom(
      '"',
      '""',
      ',',
      ';',
      '\r\n',
      '\n',
      '\r',
      '\\',
      "'",
      'a',
      'é',
      '\u2028',
      ',"\r\n"',
      '#Fields: ',
    )
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(text, text, fc.constantFrom(',', ';', '\t'), async (subject, sender, delimiter) => {
        const values = { ...tracking, MessageSubject: subject, Sender: sender }
        const [head = '', row = ''] = exported(values, delimiter)
        const { records, malformed } = await read([head, row, row])
        const shown = (value: string) => value.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
        expect(malformed).toEqual([])
        expect(records).toHaveLength(2)
        for (const record of records) {
          expect(record['message-subject'] ?? '').toBe(shown(subject))
          expect(record['sender-address'] ?? '').toBe(shown(sender))
          expect(record['return-path']).toBe('r@x.example')
        }
      }),
      { numRuns: runs(300) },
    )
  })

  test('a log that went through Import-Csv and Export-Csv keeps its names', async () => {
    const row = { 'date-time': '2026-11-20T14:00:01.037Z', 'event-id': 'SEND', 'sender-address': 'a,b@x' }
    expect(await read(exported(row), unknown)).toMatchObject({ records: [row], malformed: [] })
  })

  test('local times need their zone, and dates an order, both told at once', async () => {
    const lines = exported({ ...tracking, Timestamp: '06/09/2015 01:02:44' })
    const error = await read(lines, unknown).catch((thrown: unknown) => String(thrown))
    expect(error).toMatch(/a\.csv: .*06\/09\/2015.*\n.*--export-dates/)
    expect(error).toMatch(/a\.csv: .*zone.*\n.*--export-zone/)
    const { records } = await read(lines, { dates: 'mdy', zone: parseZone('America/New_York') })
    expect(records[0]?.['date-time']).toBe('2015-06-09T05:02:44Z')
  })

  test('a later row tells the order for those before it', async () => {
    const lines = ['Timestamp,EventId,Sender']
    for (let day = 1; day <= 13; day++)
      lines.push(`09/${String(day).padStart(2, '0')}/2015 01:02:44,SEND,a@x`)
    const { records, malformed } = await read(lines, { dates: null, zone: utc })
    expect(malformed).toEqual([])
    expect(records.map((record) => record['date-time']?.slice(0, 10))).toEqual(
      Array.from({ length: 13 }, (_, at) => `2015-09-${String(at + 1).padStart(2, '0')}`),
    )
  })

  test('rows that can not be read are malformed, in their places', async () => {
    const lines = [
      type,
      'Timestamp;EventId;Sender',
      'yesterday;SEND;a',
      '06.09.2015 01:02:44;SEND;b',
      '1;2',
      'x;"y;z',
    ]
    const { records, malformed } = await read(lines)
    expect(records.map((record) => record['sender-address'])).toEqual(['b'])
    expect(malformed).toEqual([
      { offset: expect.any(Number), reason: expect.stringMatching(/time/), text: 'yesterday;' },
      {
        offset: expect.any(Number),
        reason: '2 columns, the header line names 3',
        text: expect.stringMatching(/^1;2/),
      },
      {
        offset: expect.any(Number),
        reason: 'a quoted field is not closed',
        text: expect.stringMatching(/^x;"y/),
      },
    ])
  })

  test('one by one, each chunk stands where its record does', async () => {
    const lines = ['Timestamp;EventId;Sender', '06.09.2015 01:02:44;SEND;a', '06.09.2015 01:02:45;SEND;b']
    const { chunks, bytes } = await read(lines, { ...known, chunkRows: 1 })
    expect(chunks.map(({ start, end }) => bytes.toString('utf8', start, end).trimEnd())).toEqual(
      lines.slice(1),
    )
  })

  test('chunks stay small, however long the records are', async () => {
    const row = `06.09.2015 01:02:44;SEND;${'a'.repeat(600_000)}`
    const { chunks } = await read(['Timestamp;EventId;Sender', row, row, row, row])
    expect(chunks.map(({ bytes }) => bytes.length < 1_500_000)).toEqual([true, true])
  })

  test('other columns are refused', async () => {
    await expect(read(['#TYPE System.Diagnostics.Process', '"Name","Id"', '"a","1"'])).rejects.toThrow(
      /columns/,
    )
    await expect(read(['EventId,Sender,Recipients', 'SEND,a,b'])).rejects.toThrow(/without times/)
  })
})

describe('Exchange Online', () => {
  const trace = {
    ...remoting,
    Organization: 'contoso.onmicrosoft.com',
    MessageId: '<m@x>',
    Received: '16/09/2015 13:02:44',
    SenderAddress: 'a@x.example',
    RecipientAddress: 'b@x.example',
    Subject: 'hello',
    Status: 'Delivered',
    ToIP: '192.0.2.1',
    FromIP: '203.0.113.7',
    Size: '4711',
    MessageTraceId: '6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    StartDate: '14/09/2015 00:00:00',
    EndDate: '17/09/2015 00:00:00',
    Index: '0',
  }

  test.each([
    ['Delivered', 'Delivered'],
    ['Failed', 'FAIL'],
    ['Expanded', 'EXPAND'],
    ['FilteredAsSpam', 'FilteredAsSpam'],
  ])('Get-MessageTrace: its times are UTC; the status %s', async (status, event) => {
    expect(await read(exported({ ...trace, Status: status }), unknown)).toMatchObject({
      records: [
        {
          'date-time': '2015-09-16T13:02:44Z',
          'event-id': event,
          'message-id': '<m@x>',
          'network-message-id': trace.MessageTraceId,
          'recipient-address': 'b@x.example',
          'recipient-status': status,
          'total-bytes': '4711',
          'message-subject': 'hello',
          'sender-address': 'a@x.example',
          'original-client-ip': '203.0.113.7',
        },
      ],
      malformed: [],
    })
  })

  test('the extended report has the columns of a log', async () => {
    const { records } = await read(
      exported({
        date_time_utc: '2021-03-01T12:34:56.789Z',
        client_ip: '10.0.0.1',
        source: 'SMTP',
        event_id: 'RECEIVE',
        recipient_address: 'b@x;c@x',
        custom_data: 'S:A=1',
      }),
      unknown,
    )
    expect(records).toEqual([
      {
        'date-time': '2021-03-01T12:34:56.789Z',
        'client-ip': '10.0.0.1',
        source: 'SMTP',
        'event-id': 'RECEIVE',
        'recipient-address': 'b@x;c@x',
        'custom-data': 'S:A=1',
      },
    ])
  })

  test.each([
    ['b@x##Receive, Deliver', 'b@x', 'Receive, Deliver', 'DELIVER'],
    ['b@x##Receive, Fail;c@x##Receive, Fail', 'b@x;c@x', 'Receive, Fail;Receive, Fail', 'FAIL'],
    ['b@x##Receive, Send;c@x##Receive, Fail', 'b@x;c@x', 'Receive, Send;Receive, Fail', undefined],
    ['b@x##Receive, Whatever', 'b@x', 'Receive, Whatever', undefined],
  ])('the summary: %s', async (status, recipients, statuses, event) => {
    const [record] = (
      await read(
        exported({
          origin_timestamp_utc: '2021-03-01 12:34:56',
          sender_address: 'a@x',
          recipient_status: status,
          directionality: '1',
        }),
        unknown,
      )
    ).records
    expect(record).toMatchObject({
      'recipient-address': recipients,
      'recipient-status': statuses,
      directionality: 'Incoming',
    })
    expect(record?.['event-id']).toBe(event)
  })
})
