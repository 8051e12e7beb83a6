/** Members of JSON objects, each with the comma before it; the brace takes the place of the first one's. */
import type { HeaderPlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { ByteWriter } from '../byte-writer.ts'
import { normaliseField, normaliseText, type Span } from '../text-value.ts'
import { writeJsonText } from './json-text.ts'

/** What ends a text. */
export const endOfText = Buffer.from('"')

/** `,"name":"`, behind which a text stands. */
export function beforeText(name: string): Buffer {
  return Buffer.from(`,"${jsonOf(normaliseText(name, 1024)).toString()}":"`)
}

/** `,"name":"value"`. */
export function textMember(name: string, value: string, mostBytes = 1024): Buffer {
  return Buffer.concat([beforeText(name), jsonOf(normaliseText(value, mostBytes)), endOfText])
}

/** A span as it stands between quotes, in bytes of its own. */
export function jsonOf(span: Span): Buffer {
  const out = new ByteWriter(64)
  writeJsonText(out, span)
  return Buffer.from(out.bytes.subarray(0, out.length))
}

/** Writes these bytes, and makes room for them. */
export function writeAll(out: ByteWriter, bytes: Buffer): void {
  out.reserve(bytes.length)
  out.write(bytes)
}

/** A field of the header of an event: `span` is used for it. */
export function headerField(
  field: HeaderPlan,
  { records, row }: { readonly records: Records; readonly row: number },
  maxBytes: number,
  span: Span,
  replaced: RegExp | null,
): Span {
  const base = row * records.layout.columns.length
  for (const column of field.columns) {
    normaliseField(span, records, base + column, maxBytes, replaced)
    if (span.start < span.end) return span
  }
  return normaliseText(field.fallback, maxBytes, replaced)
}
