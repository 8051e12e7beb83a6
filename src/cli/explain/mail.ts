/** The mail that a row is put into, of all its rows in one log. */
import type { Chunk } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import { MailCollector, mailLine } from '../../mails/collector.ts'
import { mailLayout } from '../../mails/layout.ts'
import { createParser } from '../../parse/parser.ts'
import type { EventOptions } from '../../transform/event-transform.ts'
import { createMailRows } from '../../transform/mail-rows.ts'

/** A mail as the only one of these records, and of how many rows it is. */
export interface MailOfRow {
  readonly records: Records
  readonly rows: number
}

/** Null when the row at this offset is left out, or of no mail. `source`: the name of the one that the log belongs to. */
export async function mailAt(
  offset: number,
  chunks: () => AsyncIterable<Chunk>,
  options: EventOptions,
  source: string,
): Promise<MailOfRow | null> {
  const rowsIn = createMailRows(options)
  const ofSource = (chunk: Chunk): Chunk => ({ ...chunk, file: { ...chunk.file, source } })
  let id: string | undefined
  for await (const chunk of chunks()) {
    if (chunk.end <= offset) continue
    id = rowsIn(ofSource(chunk)).rows.find((row) => row.offset === offset)?.id
    break
  }
  if (id === undefined) return null
  const { organisation } = options
  const room = Number.POSITIVE_INFINITY
  const collector = new MailCollector({ quietMs: room, mostBytes: room, organisation })
  for await (const chunk of chunks()) {
    for (const row of rowsIn(ofSource(chunk)).rows) if (row.id === id) collector.add({ ...row, file: 0 })
  }
  const [mail] = collector.end()
  if (mail === undefined) return null
  const bytes = Buffer.from(mailLine(mail))
  const file = { id: '', source, path: '' }
  const chunk = { file, layout: mailLayout, header: -1, start: 0, end: bytes.length, bytes, malformed: [] }
  const [records] = createParser()(chunk).runs
  return records === undefined ? null : { records, rows: mail.rows }
}
