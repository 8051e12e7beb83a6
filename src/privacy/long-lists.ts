/** Protects the members of long lists beforehand, part by part: each takes a while, and a row may have a hundred thousand. */
import type { Prepare } from '../flow/plan.ts'
import { FieldFlag, withSingleQuotes } from '../records/fields.ts'
import { ListReader } from '../records/list-reader.ts'
import { withoutBrackets } from './notation.ts'
import type { Method } from './options.ts'
import type { Protector } from './protector.ts'

/** Shorter lists take no time worth dividing. */
const LONG_BYTES = 8192
/** So many members are protected in one go, */
const PART: Readonly<Partial<Record<Method, number>>> = { hash: 8192, encrypt: 512 }

interface ListField {
  readonly column: number
  readonly method: Method
}

/** Of lists in these columns; null where no method takes long. */
export function preparesLists(fields: readonly ListField[], protector: Protector): Prepare | null {
  const slow = fields.filter(({ method }) => PART[method] !== undefined)
  if (slow.length === 0) return null
  return function* (records, rows) {
    const { bytes, layout, starts, ends, flags } = records
    let made = 0
    for (const row of rows) {
      for (const { column, method } of slow) {
        const field = row * layout.columns.length + column
        const start = starts[field] as number
        const end = ends[field] as number
        if (end - start < LONG_BYTES) continue
        const most = PART[method] as number
        const hasQuotes = ((flags[field] as number) & FieldFlag.quote) !== 0
        const list = new ListReader(bytes, start, end)
        if (made === 0) protector.makeRoom(0)
        for (let since = 0; list.read(); ) {
          if (list.start === list.end) continue
          const written = hasQuotes
            ? withSingleQuotes(bytes, list.start, list.end)
            : bytes.toString('utf8', list.start, list.end)
          const member = list.isWrapped ? written.replaceAll("''", "'") : written
          protector.makeRoom(++made)
          protector.one(method, 'addresses', member)
          protector.one(method, 'addresses', withoutBrackets(member))
          if (++since % most === 0) yield
        }
      }
    }
    if (made === 0) protector.makeRoom(0)
  }
}
