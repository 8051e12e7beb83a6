/** Chunks of mails in place of chunks of rows. */
import path from 'node:path'
import { compileFilter } from '../../filter/filter.ts'
import type { FilterSettings } from '../../filter/options.ts'
import type { Chunk, LogFile, Malformed } from '../../flow/chunk.ts'
import { type ClosedMail, MailCollector, mailLines } from '../../mails/collector.ts'
import { mailLayout } from '../../mails/layout.ts'
import { createParser } from '../../parse/parser.ts'
import { fieldText } from '../../records/fields.ts'
import { columnIndex } from '../../records/layouts.ts'
import { compareFileOrder, fileOrder } from '../../tail/folder/file-order.ts'
import type { Input } from './find-inputs.ts'

/** Rows of a mail are on several servers, whose logs begin each hour and are read one after the other. */
const options = { quietMs: 2 * 3600_000, mostBytes: 100e6 }

/** All inputs by the time in their names, whichever folder they are in, so that mails are together. */
export function byTime(inputs: readonly Input[]): readonly Input[] {
  const ordered = inputs.map((input) => ({ input, order: fileOrder(path.basename(input.path)) }))
  return ordered.sort((a, b) => compareFileOrder(a.order, b.order)).map(({ input }) => input)
}

/** Mails as they are closed; lines that are no record go along. Filters decide on rows. */
export async function* mailChunks(
  chunks: AsyncIterable<Chunk>,
  settings: FilterSettings,
): AsyncGenerator<Chunk> {
  const collector = new MailCollector(options)
  const parse = createParser()
  const filterFor = compileFilter(settings)
  let file: LogFile | undefined
  for await (const chunk of chunks) {
    const { runs, malformed } = parse(chunk)
    const closed: ClosedMail[] = []
    for (const records of runs) {
      if (chunk.file.path !== file?.path && records.count > 0) {
        const time = columnIndex(records.layout, 'date-time')
        closed.push(...collector.begin(time < 0 ? '' : fieldText(records, 0, time)))
        file = chunk.file
      }
      closed.push(...collector.take(records, filterFor(records.layout)))
    }
    if (closed.length > 0 || malformed.length > 0) yield chunkOf(chunk.file, closed, malformed)
  }
  const rest = collector.end()
  if (file !== undefined && rest.length > 0) yield chunkOf(file, rest, [])
}

function chunkOf(file: LogFile, mails: readonly ClosedMail[], malformed: readonly Malformed[]): Chunk {
  const bytes = mailLines(mails)
  return { file, layout: mailLayout, header: 0, start: 0, end: bytes.length, bytes, malformed }
}
