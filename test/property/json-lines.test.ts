/** Whatever a log holds: a line of JSON is the event that CEF would be, read back by JSON.parse, and no value breaks out of it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { createEventTransform, type EventOptions } from '../../src/transform/event-transform.ts'
import { longRowOf, type Row, rowOf } from '../support/any-rows.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const base = {
  mapping: 'auto',
  cefVersion: 0,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 1 << 20,
} as const

function linesOf(
  transform: ReturnType<typeof createEventTransform>,
  version: '2010' | '2016',
  rows: readonly Row[],
) {
  const layout = layoutOf(version)
  const bytes = Buffer.concat(rows.map((row) => csvRow(layout.columns.map((name) => row[name] ?? ''))))
  const lines: Buffer[] = []
  for (const { frames, ends } of transform(chunkOf(bytes, layout))) {
    for (const [index, end] of ends.entries())
      lines.push(Buffer.from(frames.subarray(ends[index - 1] ?? 0, end)))
  }
  return lines
}

/** The names of the members of an object, as often as they stand there. */
function namesIn(line: string): readonly string[] {
  const members = /"((?:[^"\\]|\\.)*)":(?:"(?:[^"\\]|\\.)*"|-?\d+)[,}]/gy
  members.lastIndex = 1
  const names = [...line.matchAll(members)]
  expect(names.reduce((length, [text]) => length + text.length, 1)).toBe(line.length)
  return names.map(([, name = '']) => name)
}

const variants: Readonly<Record<string, Partial<EventOptions>>> = {
  'CEF:0': {},
  'CEF:1, all controls replaced': { cefVersion: 1, unicodeControls: 'all' },
  'exchange-modern, an event for each recipient': { mapping: 'exchange-modern', recipients: 'each' },
  'with the row and constants': {
    rawEvent: 'field',
    additionalData: 'plain',
    sourceFields: new Map([['ex01', { deviceFacility: 'a "b" \\ c', cs6: 'x', cs6Label: 'X' }]]),
  },
}

describe.each(Object.entries(variants))('an object in place of an event: %s', (_, variant) => {
  const cef = createEventTransform({ ...base, ...variant })
  const json = createEventTransform({ ...base, ...variant, format: 'json' })

  test.each(['2010', '2016'] as const)('holds what that holds, each key once: %s', (version) => {
    fc.assert(
      fc.property(fc.array(rowOf(layoutOf(version)), { minLength: 1, maxLength: 5 }), (rows) => {
        const events = linesOf(cef, version, rows)
        const objects = linesOf(json, version, rows)
        expect(objects).toHaveLength(events.length)
        for (const [index, line] of objects.entries()) {
          expect(line.indexOf(0x0a)).toBe(line.length - 1)
          const names = namesIn(line.toString('utf8', 0, line.length - 1))
          expect(new Set(names).size).toBe(names.length)
          const expected = decodeCef((events[index] as Buffer).subarray(0, -1))
          const decoded = decodeFrame(line.subarray(0, -1))
          if (!expected.ok || !decoded.ok) throw new Error(JSON.stringify([expected, decoded]))
          const { extension, ...header } = decoded.event
          const { extension: values, ...fields } = expected.event
          // A line of CEF has no line breaks in its header, and says its version.
          const oneLine = Object.entries(header).map(([name, value]) => [
            name,
            String(value).replace(/[\r\n]/g, ' '),
          ])
          expect({ ...Object.fromEntries(oneLine), version: '' }).toEqual({
            ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])),
            version: '',
          })
          expect(Object.fromEntries(extension)).toEqual(
            Object.fromEntries([...values].filter(([key]) => key !== '_cefVer')),
          )
        }
      }),
      { numRuns: runs(150) },
    )
  })
})

test('a line is no longer than it may be, and still an event', () => {
  const json = createEventTransform({ ...base, rawEvent: 'field', format: 'json', maxMessageBytes: 1024 })
  fc.assert(
    fc.property(longRowOf(layoutOf('2016')), (row) => {
      const [line] = linesOf(json, '2016', [row])
      expect(line?.length).toBeLessThanOrEqual(1024)
      expect(decodeFrame(line?.subarray(0, -1) ?? Buffer.alloc(0))).toMatchObject({ ok: true })
    }),
    { numRuns: runs(100) },
  )
})
