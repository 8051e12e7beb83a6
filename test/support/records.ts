/** Builders for chunks, records and plans: each takes what a test is about and fills in the rest. */

import type { Chunk, Layout, Malformed } from '../../src/flow/chunk.ts'
import type { EventPlan, HeaderPlan, ValuePlan } from '../../src/flow/plan.ts'
import type { Records } from '../../src/flow/records.ts'
import { createParser } from '../../src/parse/parser.ts'
import { knownColumns } from '../../src/records/layouts.ts'

/** A field or a row: text as UTF-8, or bytes. */
export type Bytes = string | Uint8Array

export const logFile = {
  id: 'ex01/MSGTRK2026112014-1.LOG',
  source: 'ex01',
  path: '/logs/MSGTRK2026112014-1.LOG',
}

/** The layout of an Exchange version, or of given columns. */
export function layoutOf(
  columns: keyof typeof knownColumns | readonly string[],
  version = '15.02.1544.004',
): Layout {
  const names = typeof columns === 'string' ? knownColumns[columns] : columns
  return { columns: names, version, header: new Uint8Array(0) }
}

/** A layout of `count` columns called c0, c1, … */
export function plainLayout(count: number): Layout {
  return layoutOf(Array.from({ length: count }, (_, index) => `c${index}`))
}

/** A chunk of the bytes, which begin at `start` of the file. */
export function chunkOf(
  bytes: Bytes,
  layout: Layout | null,
  { start = 0, malformed = [] }: { readonly start?: number; readonly malformed?: readonly Malformed[] } = {},
): Chunk {
  const content = Buffer.from(bytes as string)
  return {
    file: logFile,
    layout,
    header: layout === null ? -1 : 0,
    start,
    end: start + content.length,
    bytes: content,
    malformed,
  }
}

/** A field as Exchange writes it, in latin1: quoted if and only if it holds a comma or a quote, which is doubled then. */
function csvField(field: Bytes): string {
  const text = Buffer.from(field as string).toString('latin1')
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A row as Exchange writes it, with its line end. */
export function csvRow(fields: readonly Bytes[], lineEnd = '\r\n'): Buffer {
  return Buffer.from(fields.map(csvField).join(',') + lineEnd, 'latin1')
}

/** One for all, since each has a memory of megabytes. */
const parse = createParser()

/** Rows, with a date-time or without, as the records of one run; a copy, so that they stay valid. */
export function recordsOf(layout: Layout, rows: readonly (readonly Bytes[])[]): Records {
  const bytes = Buffer.concat(rows.map((row) => csvRow(row)))
  const { runs, malformed } = parse(chunkOf(bytes, plainLayout(layout.columns.length)))
  const [records, ...others] = runs
  if (records === undefined || others.length > 0 || malformed.length > 0)
    throw new Error('not one run of records')
  return {
    ...records,
    layout,
    bytes: Buffer.from(records.bytes),
    starts: records.starts.slice(),
    ends: records.ends.slice(),
    flags: records.flags.slice(),
    rowStarts: records.rowStarts.slice(),
    rowEnds: records.rowEnds.slice(),
  }
}

/** Records of one row with one field, which is not empty. */
export function oneField(field: Bytes): Records {
  return recordsOf(plainLayout(1), [[field]])
}

/** The bytes of each field, as offsets and doubled quotes say, in latin1. */
export function fieldsIn({ layout, bytes, starts, ends, flags, count }: Records): string[][] {
  const width = layout.columns.length
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const index = row * width + column
      const text = bytes.toString('latin1', starts[index], ends[index])
      return (flags[index] ?? 0) & 1 ? text.replaceAll('""', '"') : text
    }),
  )
}

/** A value plan: text of column 0 under the key `k`, unless said otherwise. */
export function valuePlan(plan: Partial<ValuePlan> = {}): ValuePlan {
  const defaults = { key: 'k', column: 0, derive: null, as: 'text', maxBytes: 4000, max: 0n } as const
  return { ...defaults, overflowKey: null, when: null, label: null, ...plan }
}

/** A header field of fixed text. */
export function fixedHeader(fallback: string, maxBytes = 63): HeaderPlan {
  return { columns: [], fallback, maxBytes }
}

/** An event plan without any value, whose header is fixed, unless said otherwise. */
export function eventPlan(plan: Partial<EventPlan> = {}): EventPlan {
  return {
    mapping: 'test.v1',
    cefVersion: 0,
    header: ['Vendor', 'Product', '1.0', 'ID', 'Name'].map((text) => fixedHeader(text)),
    severity: { column: -1, levels: new Map(), default: 3, derive: null },
    timeColumn: -1,
    fields: [],
    device: [],
    trailer: '_cefVer=0.1',
    additional: [],
    ...plan,
  }
}
