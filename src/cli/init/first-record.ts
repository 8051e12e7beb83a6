/** A record to explain: one that is delivered, if there is one near the beginning of a log. */
import { explainFilter } from '../../filter/filter.ts'
import type { FilterSettings } from '../../filter/options.ts'
import { createParser } from '../../parse/parser.ts'
import { fileBytes, fileChunks } from '../../tail/bytes/file-chunks.ts'

const lineFeed = 0x0a

/**
 * `FILE:LINE` of a record near the beginning of one of these logs; where none of them is delivered, of any record.
 * Undefined without one.
 */
export async function firstRecord(
  logs: readonly string[],
  settings: FilterSettings,
): Promise<string | undefined> {
  let any: string | undefined
  for (const log of logs) {
    const found = await recordIn(log, settings).catch(() => undefined)
    if (found === undefined || (any !== undefined && !found.isDelivered)) continue
    any = `${log}:${await lineAt(log, found.offset)}`
    if (found.isDelivered) break
  }
  return any
}

interface Found {
  readonly offset: number
  readonly isDelivered: boolean
}

async function recordIn(log: string, settings: FilterSettings): Promise<Found | undefined> {
  const parse = createParser()
  for await (const chunk of fileChunks(log, { unfinishedLine: 'stays' })) {
    let first: Found | undefined
    for (const records of parse(chunk).runs) {
      const rulesOn = explainFilter(settings, records.layout)
      for (let row = 0; row < records.count; row++) {
        const offset = chunk.start + (records.rowStarts[row] as number)
        const isDelivered = rulesOn(records, row).every(({ holds, depth }) => holds || depth > 0)
        if (isDelivered) return { offset, isDelivered }
        first ??= { offset, isDelivered }
      }
    }
    // The rest may be gigabytes.
    if (first !== undefined) return first
  }
  return undefined
}

async function lineAt(log: string, offset: number): Promise<number> {
  let line = 1
  let at = 0
  for await (const bytes of fileBytes(log)) {
    const before = bytes.subarray(0, offset - at)
    for (const byte of before) if (byte === lineFeed) line++
    at += bytes.length
    if (at >= offset) break
  }
  return line
}
