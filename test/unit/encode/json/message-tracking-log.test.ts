/** Lines for MessageTrackingLog_CL, read back by JSON.parse and held against csv-parse's reading of the same rows. */
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { createEncoder } from '../../../../src/encode/create-encoder.ts'
import { messageTrackingColumns } from '../../../../src/encode/json/message-tracking-log.ts'
import type { Layout } from '../../../../src/flow/chunk.ts'
import { WorkMemory } from '../../../../src/hot-loop/memory.ts'
import { createParser } from '../../../../src/parse/parser.ts'
import { allColumns, columnIndex } from '../../../../src/records/layouts.ts'
import { type Bytes, chunkOf, csvRow, eventPlan, layoutOf, logFile } from '../../../support/records.ts'

const latest = layoutOf('2016')
const options = {
  format: 'message-tracking-log',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  host: 'h',
  framing: 'lf',
  maxMessageBytes: 999_000,
} as const

/** Rows of a layout as objects, with what was counted. */
function encoded(rows: Bytes, layout: Layout, more: Partial<Parameters<typeof createEncoder>[1]> = {}) {
  const chunk = chunkOf(rows, layout)
  const encoder = createEncoder(new WorkMemory(), { ...options, ...more })
  encoder.begin(0, chunk)
  for (const records of createParser()(chunk).runs) {
    encoder.prepare(eventPlan({}), layout)(
      records,
      Uint32Array.from({ length: records.count }, (_, row) => row),
    )
  }
  const { frames, ends, counts } = encoder.end()
  const lines = [...ends].map((end, index) => frames.toString('utf8', index === 0 ? 0 : ends[index - 1], end))
  return { lines, objects: lines.map((line) => JSON.parse(line) as Record<string, string>), counts }
}

/** A row with these values, and `x` in the other columns but for the time. */
function row(values: Partial<Record<(typeof allColumns)[number], Bytes>>, layout = latest): Buffer {
  const all: Record<string, Bytes> = { 'date-time': '2026-11-20T14:00:01.037Z', ...values }
  return csvRow(layout.columns.map((column) => all[column] ?? 'x'))
}

describe('a row for MessageTrackingLog_CL', () => {
  test('has the 31 columns of the table and eventTime, each as the log has it', () => {
    const bytes = csvRow(
      latest.columns.map((column) => (column === 'date-time' ? '2026-11-20T14:00:01.037Z' : `<${column}>`)),
    )
    const [object] = encoded(bytes, latest).objects
    expect(Object.keys(object ?? {})).toHaveLength(32)
    expect(object).toEqual({
      TimeGenerated: '2026-11-20T14:00:01.037Z',
      eventTime: '2026-11-20T14:00:01.037Z',
      clientIP: '<client-ip>',
      clientHostname: '<client-hostname>',
      serverIp: '<server-ip>',
      senderHostname: '<server-hostname>',
      sourceContext: '<source-context>',
      connectorId: '<connector-id>',
      source: '<source>',
      eventId: '<event-id>',
      internalMessageId: '<internal-message-id>',
      messageId: '<message-id>',
      networkMessageId: '<network-message-id>',
      recipientAddress: '<recipient-address>',
      recipientStatus: '<recipient-status>',
      totalBytes: '<total-bytes>',
      recipientCount: '<recipient-count>',
      relatedRecipientAddress: '<related-recipient-address>',
      reference: '<reference>',
      messageSubject: '<message-subject>',
      senderAddress: '<sender-address>',
      returnPath: '<return-path>',
      messageInfo: '<message-info>',
      directionality: '<directionality>',
      messageTrackingTenantId: '<tenant-id>',
      originalClientIp: '<original-client-ip>',
      originalServerIp: '<original-server-ip>',
      customData: '<custom-data>',
      transportTrafficType: '<transport-traffic-type>',
      logId: '<log-id>',
      schemaVersion: '<schema-version>',
      FilePath: logFile.path,
    })
  })

  test('is right where a split at commas is wrong, as csv-parse reads it', () => {
    const nasty = {
      'message-subject': 'Invoice, "final", see \\\\server\\x',
      'custom-data': 'S:a=b;S:"c,d"',
      reference: 'tab\there',
    }
    const bytes = row(nasty)
    const [fields = []] = parse(bytes, { relax_column_count: true }) as string[][]
    const [object = {}] = encoded(bytes, latest).objects
    for (const [name, column] of messageTrackingColumns) {
      expect(object[name], name).toBe(fields[columnIndex(latest, column)])
    }
    expect(object.messageSubject).toBe(nasty['message-subject'])
  })

  test('is one line of JSON whatever a sender wrote', () => {
    const hostile = Buffer.concat([
      Buffer.from('"},{"eventId":"FORGED\u2028\u0085\0\x1f'),
      Buffer.from([0xff, 0xfe]),
    ])
    const { lines, objects } = encoded(row({ 'message-subject': hostile }), latest, {
      unicodeControls: 'breaks',
    })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
    expect(objects[0]?.eventId).toBe('x')
    expect(objects[0]?.messageSubject).toBe('"},{"eventId":"FORGED\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd')
  })

  test('leaves out what is empty or not in the layout, and takes the version from the header then', () => {
    const old = layoutOf('2010', '14.03.0000.000')
    const [object] = encoded(row({ 'message-subject': '' }, old), old).objects
    expect(object).not.toHaveProperty('messageSubject')
    expect(object).not.toHaveProperty('networkMessageId')
    expect(object).toMatchObject({ schemaVersion: '14.03.0000.000', eventId: 'x' })
  })

  test('has no time that its row has not', () => {
    const [object] = encoded(row({ 'date-time': '2026-11-20T14:00:01' }), latest).objects
    expect(object).toMatchObject({ TimeGenerated: '2026-11-20T14:00:01.000Z' })
  })

  test('has no value over 64 KB: it is cut between two characters, and counted', () => {
    const { objects, counts } = encoded(
      row({ 'recipient-address': 'é'.repeat(40_000), 'message-subject': 's' }),
      latest,
    )
    const value = objects[0]?.recipientAddress ?? ''
    expect(Buffer.byteLength(value)).toBe(64_000)
    expect(value).toMatch(/^é+$/)
    expect(counts.cut).toBe(1)
  })

  test('fits into a call, whatever its fields hold: the longest ones are cut further', () => {
    const long = Object.fromEntries(allColumns.slice(1).map((column) => [column, '"'.repeat(70_000)]))
    const { lines, objects, counts } = encoded(row({ ...long, 'event-id': 'SEND' }), latest)
    expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(999_000)
    expect(objects[0]?.eventId).toBe('SEND')
    expect(counts.cut).toBe(28)
  })
})
