/**
 * Rows of CommonSecurityLog held against the CEF of the same records, as the decoder reads it: each key in its column,
 * of the type that Microsoft publishes for it, and all others in AdditionalExtensions.
 */
import { describe, expect, it } from 'vitest'
import { mailChunks } from '../../src/cli/inputs/mail-chunks.ts'
import { columnsByKey, headerColumns } from '../../src/encode/json/security-columns.ts'
import type { Format } from '../../src/flow/batch.ts'
import { type CefEvent, decodeCef } from '../../src/receive/cef-decoder.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'
import { chunksOf, variedLogs } from '../support/varied-logs.ts'

const mailOptions = {
  cefVersion: 1,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 900_000,
} as const

async function linesOf(name: string, mapping: string, format: Format): Promise<string[]> {
  const options = { ...mailOptions, mapping, format }
  const transform = plainTransform(options)
  const lines: string[] = []
  const rows = chunksOf(name)
  for await (const chunk of mapping === 'mail' ? mailChunks(rows, options) : rows) {
    lines.push(...onlyBatch(transform(chunk)).frames.toString('utf8').split('\n').slice(0, -1))
  }
  return lines
}

function eventIn(line: string): CefEvent {
  const decoded = decodeCef(Buffer.from(line))
  if (!decoded.ok) throw new Error(decoded.errors.map(({ reason }) => reason).join())
  return decoded.event
}

/** `key=value;key=value` taken apart as it was put together. */
function pairsOf(text: string): Map<string, string> {
  const pairs = text.match(/(?:\\.|[^;\\])+/gs) ?? []
  return new Map(
    pairs.map((pair) => {
      const [, key = '', value = ''] = /^((?:\\.|[^=\\])*)=(.*)$/s.exec(pair) ?? []
      return [key, value.replace(/\\(.)/gs, '$1')]
    }),
  )
}

/** As the column wants it. */
function inColumn(key: string, value: string): string | number {
  const type = columnsByKey.get(key)?.type
  if (['rt', 'start', 'end'].includes(key)) return new Date(Number(value)).toISOString()
  return type === 'string' ? value : Number(value)
}

describe.each([
  ['exchange-2013', variedLogs],
  ['exchange-modern', variedLogs],
  ['mail', ['one-mail', 'mail-of-fifteen-rows']],
] as const)('%s', (mapping, names) => {
  it.each(names)('%s', async (name) => {
    const events = (await linesOf(name, mapping, 'cef')).map(eventIn)
    const rows = (await linesOf(name, mapping, 'common-security-log')).map(
      (line) => JSON.parse(line) as Record<string, string | number>,
    )
    expect(rows).toHaveLength(events.length)
    expect(rows.length).toBeGreaterThan(0)
    for (const [index, row] of rows.entries()) {
      const event = events[index] as CefEvent
      const { extension } = event
      const { vendor, product, deviceVersion, eventClassId, name, severity } = event
      const header = [vendor, product, deviceVersion, eventClassId, name, String(severity)]
      const fields = [...extension].filter(([key]) => columnsByKey.has(key))
      const expected = {
        ...Object.fromEntries(headerColumns.map((column, index) => [column, header[index]])),
        ...Object.fromEntries(
          fields.map(([key, value]) => [columnsByKey.get(key)?.name, inColumn(key, value)]),
        ),
      }
      const { AdditionalExtensions, CollectorHostName, TimeGenerated, ...columns } = row
      expect(columns).toEqual(expected)
      expect(CollectorHostName).not.toBe('')
      if (extension.has('rt')) expect(TimeGenerated).toBe(expected['ReceiptTime' as keyof typeof expected])
      const others = [...extension].filter(([key]) => !columnsByKey.has(key))
      expect(pairsOf(String(AdditionalExtensions))).toEqual(new Map(others))
    }
  })
})
