import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fileKind } from '../../../src/formats/file-kind.ts'

const kindOf = (bytes: string | Buffer) => fileKind(Buffer.from(bytes as string))
const header = '#Software: Microsoft Exchange Server\r\n#Fields: date-time,client-ip\r\n'
const row = '2026-11-20T14:00:01.037Z,10.0.0.1\r\n'

/** Text in UTF-16, big-endian. */
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()

describe('what is no tracking log has a name', () => {
  test.each<[what: string, bytes: string | Buffer, name: RegExp]>([
    ['gzip', gzipSync(header), /gzip/],
    ['UTF-16', Buffer.from(`\ufeff${header}`, 'utf16le'), /UTF-16$/],
    ['UTF-16, big-endian', bigEndian(`\ufeff${header}`), /UTF-16$/],
    ['UTF-16 without a mark', Buffer.from(header, 'utf16le'), /UTF-16 without a byte order mark/],
    ['UTF-16 without a mark, big-endian', bigEndian(row), /UTF-16 without a byte order mark/],
    ['zip', 'PK\x03\x04\x14\x00', /zip archive/],
    ['evtx', 'ElfFile\0\0\0', /evtx/],
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), /7z/],
    ['xz', Buffer.from('fd377a585a0000', 'hex'), /xz/],
    ['zstd', Buffer.from('28b52ffd04', 'hex'), /zstd/],
    ['bzip2', 'BZh91AY&SY', /bzip2/],
    [
      'tar',
      Buffer.concat([Buffer.from('MSGTRK.LOG'), Buffer.alloc(247), Buffer.from('ustar\0')]),
      /tar archive/,
    ],
    ['a program', `\x7fELF\x02\x01${'\0'.repeat(100)}`, /program/],
    ['a Windows program', Buffer.from('4d5a90000300000004000000ffff0000', 'hex'), /program/],
    ['Export-Clixml', '<Objs Version="1.1.0.1" xmlns="x">', /Export-Clixml/],
    ['JSON', '[\r\n  {\r\n    "Timestamp": "x"', /JSON/],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + (at >> 3)) & 0xff)), /binary/],
    ['CR alone', `${header}${row}`.replaceAll('\n', ''), /end with CR alone/],
    ['CR alone, with a mark', `\ufeff${header}`.replaceAll('\n', ''), /end with CR alone/],
    ['CR alone behind one line', `#Fields: date-time\r${row.trim()}\r`, /end with CR alone/],
    ['CR alone, and one LF at the end', `${`${header}${row}`.replaceAll('\n', '')}\n`, /end with CR alone/],
  ])('%s', (_, bytes, name) => {
    expect(kindOf(bytes)?.name).toMatch(name)
  })

  test.each<[line: string, name: RegExp]>([
    [
      '#TYPE Deserialized.Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent',
      /MessageTrackingLog/,
    ],
    ['#TYPE Selected.System.Management.Automation.PSCustomObject', /export of PowerShell/],
    [
      '"PSComputerName","RunspaceId","PSShowComputerName","Timestamp","ClientIp","EventId"',
      /MessageTrackingLog/,
    ],
    ['\ufeffTimestamp;EventId;Sender;Recipients', /MessageTrackingLog/],
    ['"Timestamp"\t"EventId"\t"Sender"', /MessageTrackingLog/],
    ['"MessageId","Received","SenderAddress","RecipientAddress","Subject","Status"', /Get-MessageTrace /],
    ['date_time_utc,client_ip,client_hostname,server_ip', /report of Exchange Online/],
    ['origin_timestamp_utc,sender_address,recipient_status,message_subject', /report of Exchange Online/],
    ['date-time,client-ip,client-hostname,server-ip', /line of column names/],
  ])('the header line %s', (line, name) => {
    expect(kindOf(`${line}\r\n${row}`)).toMatchObject({ kind: 'export', name: expect.stringMatching(name) })
  })
})

test.each([
  ['a header', header],
  ['a header with a mark', `\ufeff${header}`],
  ['a row', row],
  ['a row of control characters', `2026-11-20T14:00:01.037Z,${'\x01'.repeat(500)}\r\n`],
  ['a torn row', `<a1@x.example>,sender,b@x.example,250 Ok,1\r\n${row}`],
  ['a torn status', `[{LED=550 5.1.1 no};{MSG=}]',1,2\r\n${row}`],
  ['two names among values', `SMTP,Source,Sender,1\r\n${row}`],
  ['NULs of a crash', Buffer.concat([Buffer.alloc(5000), Buffer.from(row)])],
  ['an unfinished line', 'Timestamp,EventId,Sender'],
  ['a header line before its LF', '#Software: Microsoft Exchange Server\r'],
  ['a header with a CR too many', header.replaceAll('\r', '\r\r')],
  ['a row with a line in it', `${row.trim()}\r#a\r${row}`],
  ['nothing', ''],
  ['one byte', '\xff'],
])('%s may be a tracking log', (_, bytes) => {
  expect(kindOf(bytes)).toBeNull()
})
