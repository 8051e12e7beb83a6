/** Chunk → what its rows say of their mails: what becomes of a row between the log and a record that is made of several. */
import { compileFilter, ruleNames } from '../filter/filter.ts'
import type { Chunk, Layout } from '../flow/chunk.ts'
import type { Filter, Rewrite } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import type { MailRows, RowOfMail } from '../mails/mail-source.ts'
import { mailReader, type ReadRow } from '../mails/read-row.ts'
import { createParser } from '../parse/parser.ts'
import { parseEventTime } from '../records/event-time.ts'
import { columnIndex } from '../records/layouts.ts'
import { createEventParts, type EventOptions } from './event-transform.ts'

/** What is left to do with mails: their rows were chosen, put right and protected before. */
export function optionsOfMails(options: EventOptions): EventOptions {
  const { events: _, filter: __, noise: ___, only: ____, privacy: _____, ...others } = options
  const mapping = options.mapping === 'auto' ? 'mail' : options.mapping
  return { ...others, mapping, corrections: new Map() }
}

/** Of a layout, made once. */
interface LayoutWork {
  readonly filter: Filter | null
  readonly rewrites: readonly Rewrite[]
  readonly read: ReadRow
  readonly time: number
}

/** Each chunk may have a layout of its own. */
const MOST_LAYOUTS = 64

/** Reads chunks as the options of a destination ask: filtered, with right times, and protected. */
export function createMailRows(options: EventOptions): (chunk: Chunk) => MailRows {
  const rules = ruleNames(options)
  const failed = rules.length > 1 ? new Uint32Array(rules.length) : undefined
  const parse = createParser()
  const filterFor = compileFilter(options, failed)
  const { steps } = createEventParts(options)
  const works = new Map<Layout, LayoutWork>()
  const workFor = (layout: Layout): LayoutWork => {
    const known = works.get(layout)
    if (known !== undefined) return known
    const work = {
      filter: filterFor(layout),
      rewrites: steps.flatMap(({ rewriteFor }) => rewriteFor(layout) ?? []),
      read: mailReader(layout, options.organisation),
      time: columnIndex(layout, 'date-time'),
    }
    if (works.size >= MOST_LAYOUTS) works.clear()
    works.set(layout, work)
    return work
  }
  return (chunk) => {
    failed?.fill(0)
    const { runs, malformed } = parse(chunk)
    const rows: RowOfMail[] = []
    let filtered = 0
    let lastMs = Number.NaN
    for (const records of runs) {
      const { filter, rewrites, read, time } = workFor(records.layout)
      const passed = rowsOf(records.count, (row) => filter === null || filter(records, row))
      filtered += records.count - passed.length
      let rewritten = records
      let taken = passed
      for (const rewrite of rewrites) {
        rewritten = rewrite(rewritten, taken)
        taken = rowsOf(rewritten.count, () => true)
      }
      for (let index = 0; index < passed.length; index++) {
        const at = taken[index] as number
        const found = read(rewritten, at)
        if (found === null) {
          filtered++
          continue
        }
        const [id, row] = found
        rows.push({
          id,
          row,
          offset: chunk.start + (records.rowStarts[passed[index] as number] as number),
          atMs: timeOf(rewritten, at, time),
        })
      }
      if (records.count > 0) lastMs = timeOf(records, records.count - 1, time)
    }
    // Lines are parts of the chunk, whose memory is used again.
    const letters = malformed.map((letter) => ({ ...letter, line: Uint8Array.from(letter.line) }))
    return { rows, filtered, filteredBy: failed === undefined ? [] : [...failed], malformed: letters, lastMs }
  }
}

function rowsOf(count: number, isTaken: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(count)
  let taken = 0
  for (let row = 0; row < count; row++) if (isTaken(row)) rows[taken++] = row
  return rows.subarray(0, taken)
}

function timeOf({ layout, bytes, starts, ends }: Records, row: number, column: number): number {
  const field = row * layout.columns.length + column
  return column < 0 ? Number.NaN : parseEventTime(bytes, starts[field] as number, ends[field] as number)
}
