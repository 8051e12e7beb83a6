import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'
import { EventEncoder } from '../../../src/encode/event-encoder.ts'
import { FrameEncoder } from '../../../src/encode/frame-encoder.ts'
import { breakHeaders } from '../../../src/encode/protect-header.ts'
import { reportPlan } from '../../../src/report/plan.ts'
import { reportColumns } from '../../../src/report/row.ts'
import { createEventTransform, type EventOptions } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf, recordsOf } from '../../support/records.ts'

function broken(text: string, start = 0, end = Buffer.byteLength(text)): [string, number] {
  const bytes = Buffer.from(text)
  const count = breakHeaders(bytes, start, end)
  return [bytes.toString(), count]
}

describe('the look-alike of a header', () => {
  test.each([
    ['hello CEF:0|Evil|Corp', 'hello CEF;0|Evil|Corp', 1],
    ['CEF:1', 'CEF;1', 1],
    ['cef:0 Cef:0 cEF:25', 'cef;0 Cef;0 cEF;25', 3],
    ['CEF: 0', 'CEF; 0', 1],
    ['CEF: \t 0', 'CEF; \t 0', 1],
    ['xCEF:0', 'xCEF;0', 1],
    ['CEF:CEF:0', 'CEF:CEF;0', 1],
    ['é€😀CEF:0é', 'é€😀CEF;0é', 1],
  ])('%j becomes %j', (text, readable, count) => {
    expect(broken(text)).toEqual([readable, count])
  })

  test.each([
    'CEF:',
    'CEF:a',
    'CEF',
    'CEF0:0',
    'CE:0',
    'EF:0',
    ':0',
    'C EF:0',
    'CEF :0',
    'CEF:\\n0',
    'Re: CEF: notes',
    'ÃEF:0',
  ])('%j is none', (text) => {
    expect(broken(text)).toEqual([text, 0])
  })

  test('is looked for between start and end only', () => {
    expect(broken('CEF:0CEF:0', 4)).toEqual(['CEF:0CEF;0', 1])
    expect(broken('CEF:0CEF:0', 2)).toEqual(['CEF:0CEF;0', 1])
    expect(broken('CEF:0CEF:0', 0, 9)).toEqual(['CEF;0CEF:0', 1])
  })
})

const evil = 'CEF:0|Evil|Corp|1|42|forged|10|'
const look = /cef:[ \t]*\d/gi

/** The frames of rows under options, without their line ends. */
function framesOf(rows: readonly Readonly<Record<string, string>>[], options: Partial<EventOptions>) {
  const layout = layoutOf('2016')
  const transform = createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'plain',
    syslog: { header: 'rfc3164', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 65_536,
    protectHeader: true,
    ...options,
  })
  const usual = { 'date-time': '2026-11-20T14:00:01.000Z', 'event-id': 'RECEIVE' }
  const bytes = rows.map((row) => csvRow(layout.columns.map((name) => ({ ...usual, ...row })[name] ?? '')))
  const { frames, ends, counts } = onlyBatch(transform(chunkOf(Buffer.concat(bytes), layout)))
  const texts = [...ends].map((end, index) => frames.toString('utf8', ends[index - 1] ?? 0, end - 1))
  return { texts, counts }
}

/** Rows that try it in every way a sender has. */
const rows = [
  { 'message-subject': `hello ${evil}suser=admin` },
  { 'message-subject': `"quoted", ${evil}`, 'sender-address': `"cef: 0"@evil.example` },
  { 'recipient-address': `a@x.example;${evil}@x.example`, 'recipient-status': `250 ok;${evil}` },
  { 'custom-data': `S:X=${evil}`, 'message-info': evil, 'source-context': `\x00${evil}` },
  { 'event-id': 'CEF:0', 'schema-version': 'CEF:0|1' },
  { 'event-id': 'cef: 1|x', 'client-hostname': evil, 'server-hostname': evil, directionality: evil },
  // The cut falls behind the digit, or in front of it.
  { 'message-subject': `${'s'.repeat(1018)}CEF:0|Evil`, 'custom-data': `${'c'.repeat(3996)}CEF:0` },
  { 'message-subject': `${'s'.repeat(1015)} é${evil}`, 'custom-data': `${'c'.repeat(3995)}CEF: 0` },
  { 'log-id': evil, 'message-id': `<${evil}@x>`, reference: `${evil};${evil}`, 'tenant-id': evil },
]

describe('protectHeader', () => {
  test.each<[string, Partial<EventOptions>]>([
    ['by the built-in table', {}],
    ['by exchange-modern', { mapping: 'exchange-modern' }],
    ['with the original row as a field', { rawEvent: 'field' }],
    ['with the original row as additional data', { rawEvent: 'additional' }],
    ['with one event for each recipient', { recipients: 'each' }],
    ['with lists split', { overflow: 'split' }],
    ['in small messages', { maxMessageBytes: 1024 }],
    ['with octet counting', { framing: 'octet-counting' }],
    ['as CEF:1', { cefVersion: 1 }],
    ['behind RFC 5424', { syslog: { header: 'rfc5424', time: 'event', zone: 'local', facility: 'local0' } }],
    [
      'behind a host of that name',
      { syslog: { header: 'iso8601', time: 'event', zone: 'utc', facility: 'local0', host: 'CEF:0|x' } },
    ],
    [
      'without a syslog header',
      { syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' } },
    ],
  ])('leaves each message the one header it has, %s', (_, options) => {
    // Twice, so that what is kept of the first time is written again.
    const { texts, counts } = framesOf([...rows, ...rows], options)
    const plain = framesOf([...rows, ...rows], { ...options, protectHeader: false })
    expect(texts.length).toBeGreaterThanOrEqual(2 * rows.length)
    let others = 0
    texts.forEach((text, index) => {
      expect(text.match(look)).toHaveLength(1)
      expect(text).toMatch(/CEF:[01]\|Microsoft\|/)
      // Nothing else is different.
      const before = plain.texts[index] ?? ''
      expect(text.replace(/(cef);(?=[ \t]*\d)/gi, '$1:')).toBe(before)
      others += (before.match(look)?.length ?? 0) - 1
    })
    expect(counts.brokenHeaders).toBe(others)
    expect(others).toBeGreaterThan(10)
    expect(plain.counts.brokenHeaders).toBe(0)
  })

  test('holds for reports as well', () => {
    const values: Readonly<Record<string, string>> = {
      id: 'lost',
      name: evil,
      file: evil,
      reason: evil,
      host: evil,
    }
    const layout = layoutOf(reportColumns)
    const records = recordsOf(layout, [layout.columns.map((name) => values[name] ?? '')])
    const syslog = { header: 'rfc3164', time: 'send', zone: 'utc', facility: 'local0' } as const
    const frame = {
      syslog,
      host: 'ex01',
      framing: 'lf',
      maxMessageBytes: 65_536,
      protectHeader: true,
    } as const
    const encoder = new EventEncoder(reportPlan('1.0.0', 0))
    const out = new ByteWriter()
    new FrameEncoder(frame).encode(encoder, records, 0, out, 0)
    const text = out.bytes.toString('utf8', 0, out.length)
    expect(text.match(look)).toHaveLength(1)
    expect(text).toContain('CEF:0|msgtrk|msgtrk|1.0.0|lost|CEF;0')
    expect(encoder.counts.brokenHeaders).toBe(4)
  })

  test('is off unless asked for', () => {
    expect(framesOf(rows.slice(0, 1), { protectHeader: undefined }).texts[0]).toContain(`hello ${evil}`)
  })
})
