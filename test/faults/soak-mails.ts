/** Says of a destination of mails whether the records of each mail tell of all its rows. */
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import type { Findings } from './soak-oracle.ts'

/** What a record says. */
interface MailRecord {
  readonly text: string
  readonly rows: number
  readonly continues: boolean
}

/**
 * `rows`: the events of all rows that were written; `records`: what came, in its order. A row is lost when the last record
 * of its mail that continues none, and those after it, are of fewer rows than there are.
 */
export function findMails(rows: Iterable<string>, records: Iterable<string>): Findings {
  const expected = new Map<string, number>()
  for (const frame of rows) {
    const values = valuesOf(frame)
    const id = values.get('ad.network-message-id') ?? values.get('cs2')
    if (id !== undefined) expected.set(id, (expected.get(id) ?? 0) + 1)
  }
  const came = new Map<string, MailRecord[]>()
  let altered = 0
  const examples: string[] = []
  for (const text of records) {
    const values = valuesOf(text)
    const id = values.get('externalId') ?? values.get('ad.network-message-id') ?? ''
    if (!expected.has(id)) {
      altered++
      examples.push(`of no mail: ${text}`)
      continue
    }
    const record = {
      text,
      rows: Number(values.get('cn3')),
      continues: values.get('ad.continues') === 'true',
    }
    came.set(id, [...(came.get(id) ?? []), record])
  }
  let all = 0
  let lost = 0
  let repeated = 0
  for (const [id, count] of expected) {
    const of = came.get(id) ?? []
    const begin = of.findLastIndex(({ continues }) => !continues)
    const last = begin < 0 ? [] : distinct(of.slice(begin))
    const missing = count - last.reduce((sum, { rows }) => sum + rows, 0)
    all += count
    lost += Math.max(0, missing)
    repeated += of.length - last.length
    if (missing > 0) examples.push(`${missing} of ${count} rows lost: ${id} ${JSON.stringify(of)}`)
  }
  return { records: all, lost, told: 0, repeated, altered, outOfOrder: 0, examples: examples.slice(0, 5) }
}

function distinct(records: readonly MailRecord[]): readonly MailRecord[] {
  return [...new Map(records.map((record) => [record.text, record])).values()]
}

function valuesOf(frame: string): ReadonlyMap<string, string> {
  const decoded = decodeCef(Buffer.from(frame.slice(frame.indexOf('CEF:')), 'latin1'))
  if (!decoded.ok) throw new Error(`no event: ${frame}`)
  return decoded.event.extension
}
