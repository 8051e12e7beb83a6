/** Chunks of mails in place of chunks of rows. */
import path from 'node:path'
import type { Chunk, LogFile, Malformed } from '../../flow/chunk.ts'
import { type ClosedMail, MailCollector, mailLine } from '../../mails/collector.ts'
import { mailLayout } from '../../mails/layout.ts'
import { mailDefaults } from '../../mails/options.ts'
import { compareFileOrder, fileOrder } from '../../tail/folder/file-order.ts'
import type { EventOptions } from '../../transform/event-transform.ts'
import { createMailRows } from '../../transform/mail-rows.ts'
import type { Input } from './find-inputs.ts'

/** Rows of a mail are on several servers, whose logs begin each hour and are read one after the other. */
const quietMs = 2 * 3600_000
const mostBytes = mailDefaults.maxMegabytes * 1e6

/** All inputs by the time in their names, whichever folder they are in, so that mails are together. */
export function byTime(inputs: readonly Input[]): readonly Input[] {
  const ordered = inputs.map((input) => ({ input, order: fileOrder(path.basename(input.path)) }))
  return ordered.sort((a, b) => compareFileOrder(a.order, b.order)).map(({ input }) => input)
}

/** Mails as they are closed; lines that are no record go along. Filters decide on rows. */
export async function* mailChunks(
  chunks: AsyncIterable<Chunk>,
  options: EventOptions,
): AsyncGenerator<Chunk> {
  const { organisation } = options
  const collector = new MailCollector({ quietMs, mostBytes, organisation })
  const rowsIn = createMailRows(options)
  let file: LogFile | undefined
  for await (const chunk of chunks) {
    const { rows, malformed } = rowsIn(chunk)
    const closed: ClosedMail[] = []
    for (const row of rows) {
      // What is quiet when a log begins.
      if (chunk.file.path !== file?.path) closed.push(...collector.close(row.atMs))
      file = chunk.file
      closed.push(...collector.add({ ...row, file: 0 }))
    }
    if (closed.length > 0 || malformed.length > 0) yield chunkOf(chunk.file, closed, malformed)
  }
  const rest = collector.end()
  if (file !== undefined && rest.length > 0) yield chunkOf(file, rest, [])
}

function chunkOf(file: LogFile, mails: readonly ClosedMail[], malformed: readonly Malformed[]): Chunk {
  const bytes = Buffer.from(mails.map(mailLine).join(''))
  return { file, layout: mailLayout, header: 0, start: 0, end: bytes.length, bytes, malformed }
}
