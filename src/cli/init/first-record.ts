/** A record to explain: one that is delivered, if there is one near the beginning of a log. */
import { explainFilter } from '../../filter/filter.ts'
import type { FilterSettings } from '../../filter/options.ts'
import { createParser } from '../../parse/parser.ts'
import { fileBytes, fileChunks } from '../../tail/bytes/file-chunks.ts'

const lineFeed = 0x0a

/** `FILE:LINE` of a record in the first of these logs that holds any; undefined without one. */
export async function firstRecord(
  logs: readonly string[],
  settings: FilterSettings,
): Promise<string | undefined> {
  for (const log of logs) {
    const offset = await offsetIn(log, settings).catch(() => undefined)
    if (offset !== undefined) return `${log}:${await lineAt(log, offset)}`
  }
  return undefined
}

async function offsetIn(log: string, settings: FilterSettings): Promise<number | undefined> {
  const parse = createParser()
  for await (const chunk of fileChunks(log, { unfinishedLine: 'stays' })) {
    const { runs } = parse(chunk)
    let first: number | undefined
    for (const records of runs) {
      const rulesOn = explainFilter(settings, records.layout)
      for (let row = 0; row < records.count; row++) {
        const offset = chunk.start + (records.rowStarts[row] as number)
        first ??= offset
        if (rulesOn(records, row).every(({ holds, depth }) => holds || depth > 0)) return offset
      }
    }
    // Any will do: the rest may be gigabytes.
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
