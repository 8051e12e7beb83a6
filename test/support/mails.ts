/** Rows given to a collector of mails. */
import type { Records } from '../../src/flow/records.ts'
import type { ClosedMail, MailCollector } from '../../src/mails/collector.ts'
import { mailReader } from '../../src/mails/read-row.ts'

/** Adds these rows, as if they all stood in one file. */
export function addAll(collector: MailCollector, records: Records): readonly ClosedMail[] {
  const read = mailReader(records.layout)
  return Array.from({ length: records.count }, (_, at) => at).flatMap((at) => {
    const found = read(records, at)
    if (found === null) return []
    const [id, row] = found
    return collector.add({ id, row, atMs: Date.parse(row.time), file: 0, offset: at })
  })
}
