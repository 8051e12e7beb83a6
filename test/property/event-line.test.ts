/**
 * Whole event lines: what a strict decoder reads back is the normalised record, for any bytes in any column.
 * The reference is written from the contract of the output and the decoder from the standard; neither shares
 * anything with the encoder.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/encode/byte-writer.ts'
import { EventEncoder } from '../../src/encode/event-encoder.ts'
import type { FrameOptions } from '../../src/encode/frame-encoder.ts'
import { frameShape } from '../../src/encode/options.ts'
import type { Layout } from '../../src/flow/chunk.ts'
import { WorkMemory } from '../../src/hot-loop/memory.ts'
import { createMapper } from '../../src/map/mapper.ts'
import { createParser, createPartParser } from '../../src/parse/parser.ts'
import { type CefEvent, decodeCef } from '../../src/receive/cef-decoder.ts'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { createTransform } from '../../src/transform/chunk-to-batch.ts'
import { longRowOf, type Row, rowOf } from '../support/any-rows.ts'
import { onlyBatch } from '../support/batches.ts'
import { cut, expectedExtension, normalise, version2010, version2016 } from '../support/expected-event.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const mapper = createMapper({ mapping: 'auto', cefVersion: 0, additionalData: 'arcsight' })

/** The frames of the rows, through parser, table and encoder. */
function frames(layout: Layout, rows: readonly Row[], options: FrameOptions): Buffer[] {
  const memory = new WorkMemory()
  const transform = createTransform({
    memory,
    parse: createPartParser(memory),
    planFor: mapper.planFor,
    filterFor: () => null,
    frame: options,
    now: () => 0,
  })
  const bytes = Buffer.concat(rows.map((row) => csvRow(layout.columns.map((name) => row[name] ?? ''))))
  const batch = onlyBatch(transform(chunkOf(bytes, layout)))
  expect(batch.malformed).toEqual([])
  return Array.from(batch.ends, (end, index) => batch.frames.subarray(batch.ends[index - 1] ?? 0, end))
}

const bare = {
  syslog: frameShape.syslog.parse({ header: 'none' }),
  host: 'h',
  framing: 'datagram',
  maxMessageBytes: 1 << 20,
} as const

/** What the decoder has against a message. */
function objections(decoded: ReturnType<typeof decodeCef> | ReturnType<typeof decodeFrame>): string[] {
  return decoded.ok ? [] : decoded.errors.map(({ reason }) => reason)
}

describe.each([version2016, version2010])('an event of $columns', (version) => {
  const layout = layoutOf(version.columns, '15.01.2507.006')

  test('decodes to the normalised record, key by key, in order', () => {
    fc.assert(
      fc.property(fc.array(rowOf(layout), { minLength: 1, maxLength: 3 }), (rows) => {
        const messages = frames(layout, rows, bare)
        expect(messages).toHaveLength(rows.length)
        rows.forEach((row, index) => {
          const decoded = decodeCef(messages[index] as Buffer)
          expect(objections(decoded)).toEqual([])
          if (!decoded.ok) return
          expect([...decoded.event.extension]).toEqual(expectedExtension(row, version))
          expectHeader(decoded.event, row)
        })
      }),
      { numRuns: runs(200) },
    )
  })
})

function expectHeader(found: CefEvent, row: Row): void {
  const oneLine = (bytes: Buffer | undefined, maxBytes: number, fallback: string) =>
    (cut(normalise(bytes ?? Buffer.alloc(0)), maxBytes) || fallback).replace(/[\r\n]/g, ' ')
  expect(found).toMatchObject({
    version: 0,
    vendor: 'Microsoft',
    product: 'Exchange Server',
    deviceVersion: oneLine(row['schema-version'], 31, '15.01.2507.006'),
    eventClassId: oneLine(row['event-id'], 1023, 'UNKNOWN'),
    name: oneLine(row['event-id'], 512, 'UNKNOWN'),
  })
}

describe('for any record', () => {
  const layout = layoutOf('2016')

  test('the header has seven unescaped bars, and no line break or control character stands in the frame', () => {
    fc.assert(
      fc.property(rowOf(layout), fc.constantFrom('rfc3164', 'iso8601', 'rfc5424', 'none'), (row, header) => {
        const syslog = frameShape.syslog.parse({ header })
        const [frame] = frames(layout, [row], { ...bare, syslog, framing: 'lf' }) as [Buffer]
        expect(frame.indexOf(0x0a)).toBe(frame.length - 1)
        const text = frame.toString('utf8', 0, frame.length - 1)
        expect(Buffer.from(text)).toEqual(Buffer.from(frame.subarray(0, -1)))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f]/)
        const line = text.slice(text.indexOf('CEF:0|'))
        expect(line).toMatch(/^CEF:0\|(?:(?:[^\\|]|\\[\\|])+\|){5}\d\| [A-Za-z0-9_.-]+=/)
      }),
      { numRuns: runs(200) },
    )
  })

  test('the limit of a message is kept, and what is left decodes', () => {
    const limit = fc.oneof(fc.constantFrom(1024, 4096, 8192, 65536), fc.integer({ min: 1024, max: 20_000 }))
    const headers = fc.constantFrom('rfc3164', 'iso8601', 'rfc5424', 'none')
    fc.assert(
      fc.property(longRowOf(layout), limit, headers, (row, maxMessageBytes, header) => {
        const syslog = frameShape.syslog.parse({ header, host: 'h'.repeat(255) })
        const [frame] = frames(layout, [row], { ...bare, syslog, maxMessageBytes }) as [Buffer]
        expect(frame.length).toBeLessThanOrEqual(maxMessageBytes)
        const decoded = decodeFrame(frame)
        expect(objections(decoded)).toEqual([])
        if (!decoded.ok) return
        const values = [...decoded.event.extension.values()]
        expect(values.filter((value) => /^[ \t]|[ \t]$/.test(value))).toEqual([])
      }),
      { numRuns: runs(150) },
    )
  })

  test('an encoder writes the same line again, whatever it wrote in between', () => {
    fc.assert(
      fc.property(rowOf(layout), rowOf(layout), (one, other) => {
        const encodeTwice = frames(layout, [one, other, one], bare)
        expect(encodeTwice[2]).toEqual(encodeTwice[0])
        expect(encodeTwice[1]).toEqual(frames(layout, [other], bare)[0])
      }),
      { numRuns: runs(100) },
    )
  })

  test('the room an encoder asks for is enough: a small buffer changes nothing', () => {
    fc.assert(
      fc.property(rowOf(layout), (row) => {
        const { runs } = createParser()(
          chunkOf(csvRow(layout.columns.map((name) => row[name] ?? '')), layout),
        )
        const lines = [1, 1 << 20].map((capacity) => {
          const out = new ByteWriter(capacity)
          new EventEncoder(mapper.planFor(layout)).encode(runs[0]!, 0, out)
          return Buffer.from(out.bytes.subarray(0, out.length))
        })
        expect(lines[0]).toEqual(lines[1])
      }),
      { numRuns: runs(100) },
    )
  })
})
