/** The example in docs/formats.md: a row of a fixture, and the object that the program makes of it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { headerNames } from '../src/encode/json/cef-keys.ts'
import { parseHeader } from '../src/tail/bytes/header.ts'
import { createEventTransform } from '../src/transform/event-transform.ts'

const fixture = path.join(import.meta.dirname, '../fixtures/exchange-2016.log')

/** A row, and its object with a member to a line. */
export function jsonExample(): string {
  const lines = readFileSync(fixture, 'utf8').replace('\uFEFF', '').split('\r\n')
  const isHeader = (line: string) => line.startsWith('#')
  const { layout } = parseHeader(Buffer.from(lines.filter(isHeader).join('\r\n')))
  const row = lines.find((line) => !isHeader(line) && line.includes(',RECEIVE,')) ?? ''
  const bytes = Buffer.from(`${row}\r\n`)
  const transform = createEventTransform({
    mapping: 'exchange-modern',
    cefVersion: 0,
    additionalData: 'arcsight',
    unicodeControls: 'breaks',
    format: 'json',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 65_536,
  })
  const file = { id: 'example', source: 'EX01', path: 'example.log' }
  const chunk = { file, layout, header: 0, start: 0, end: bytes.length, bytes, malformed: [] }
  const [object = ''] = Array.from(transform(chunk), ({ frames }) => frames.toString())
  return ['```json', JSON.stringify(JSON.parse(object), null, 2), '```', ''].join('\n')
}

/** `deviceVendor`, … */
export function jsonHeader(): string {
  return headerNames.map((name) => `\`${name}\``).join(', ')
}
