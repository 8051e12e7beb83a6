import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replacedBy, type UnicodeControls, unicodeControls } from '../../../src/encode/unicode-controls.ts'
import { createEventTransform, type EventOptions } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'
import { runs } from '../../support/runs.ts'

const named: Readonly<Record<UnicodeControls, readonly (readonly [number, number])[]>> = {
  keep: [],
  breaks: [
    [0x80, 0x9f],
    [0x2028, 0x2029],
  ],
  all: [
    [0x80, 0x9f],
    [0x2028, 0x2029],
    [0x61c, 0x61c],
    [0x200e, 0x200f],
    [0x202a, 0x202e],
    [0x2066, 0x2069],
  ],
}

test.each(unicodeControls)('%s replaces what it says and nothing else', (controls) => {
  const replaced = replacedBy(controls)
  for (let code = 0x80; code < 0xfffe; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const isNamed = named[controls].some(([first, last]) => code >= first && code <= last)
    const text = String.fromCharCode(code)
    const shown = replaced === null ? text : text.replace(replaced, '\ufffd')
    if ((shown === '\ufffd') !== (isNamed || code === 0xfffd)) throw new Error(code.toString(16))
  }
})

const layout = layoutOf('2016')

function framesOf(rows: readonly Readonly<Record<string, string>>[], options: Partial<EventOptions>): string {
  const transform = createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'plain',
    syslog: { header: 'rfc3164', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 65_536,
    ...options,
  })
  const usual = { 'date-time': '2026-11-20T14:00:01.000Z', 'event-id': 'RECEIVE' }
  const bytes = rows.map((row) => csvRow(layout.columns.map((name) => ({ ...usual, ...row })[name] ?? '')))
  return onlyBatch(transform(chunkOf(Buffer.concat(bytes), layout))).frames.toString('utf8')
}

const forged = '<134>Nov 20 14:00:01 DC01 CEF:0|Microsoft|Windows|10|4625|forged|10| msg=forged'
const rows = ['\u2028', '\u2029', '\u0085', '\u009b', '\v', '\f', '\x1c', '\x1d', '\x1e'].flatMap((mark) => [
  { 'message-subject': `invoice${mark}${forged}` },
  { 'event-id': `A${mark}B`, 'schema-version': `1${mark}` },
  { 'sender-address': `"a${mark}b"@x.example`, 'recipient-address': `é;b${mark}c@x.example;d` },
  { 'custom-data': `${mark}S:A=${mark}`, 'server-hostname': `ex${mark}01`, 'client-hostname': mark },
  {
    'message-subject': `${'é'.repeat(510)}${mark}${forged}`,
    'total-bytes': `12${mark}`,
    'client-ip': `::1%${mark}`,
  },
])
/** What Python and others take for the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const lineEnds = /\r\n|[\n\v\f\r\x1c-\x1e\u0085\u2028\u2029]/

describe.each<[string, Partial<EventOptions>]>([
  ['by the built-in table', {}],
  ['by exchange-modern', { mapping: 'exchange-modern' }],
  ['with the original row', { rawEvent: 'additional' }],
  ['with one event for each recipient', { recipients: 'each' }],
  ['with lists split', { overflow: 'split' }],
  ['in small messages', { maxMessageBytes: 1024 }],
])('an event, %s', (_, options) => {
  test.each(['breaks', 'all'] as const)('is one line for every reader of lines with %s', (controls) => {
    const frames = framesOf([...rows, ...rows], { ...options, unicodeControls: controls })
    const lines = frames.split(lineEnds)
    expect(lines.pop()).toBe('')
    for (const line of lines)
      expect(line).toMatch(/^<134>Nov 20 14:00:01 \S+ CEF:0\|Microsoft\|Exchange Server\|/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(frames).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/)
  })
})

test('the text is the same but for what is replaced, whatever stands around it', () => {
  const character = fc.constantFrom(
    'a',
    'é',
    '€',
    '\u0080',
    '\u009f',
    '\u00a0',
    '\u2027',
    '\u2028',
    '\u202a',
    '\u200d',
    '\u061c',
    '\u061d',
    '\u2065',
    '\u2066',
    '\u206a',
    '😀',
    '=',
    '"',
    '\\',
  )
  const subject = fc.array(character, { maxLength: 40 }).map((all) => `x${all.join('')}x`)
  fc.assert(
    fc.property(
      fc.array(subject, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...unicodeControls),
      (subjects, controls) => {
        const all = subjects.map((text) => ({ 'message-subject': text, 'source-context': text }))
        const kept = framesOf(all, { unicodeControls: 'keep' })
        const replaced = replacedBy(controls)
        const expected = replaced === null ? kept : kept.replace(replaced, '\ufffd')
        expect(framesOf(all, { unicodeControls: controls })).toBe(expected)
      },
    ),
    { numRuns: runs(60) },
  )
})
