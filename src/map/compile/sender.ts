/** The sender that people see, held against that of the envelope. */
import type { Layout } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import { domainOf } from '../../records/domains.ts'
import { fieldText, trimBlanks } from '../../records/fields.ts'
import { columnIndex } from '../../records/layouts.ts'
import { customValue } from './custom-data.ts'
import type { Making } from './making.ts'

/**
 * By what the sender is another one than that of the envelope, which is `S:OriginalFromAddress` of custom-data, else
 * the return path: `domain`, `address`, or nothing where they are the same or one of them is not known.
 */
export function senderDiffersText(layout: Layout): Making | null {
  const [sender, path, custom] = (['sender-address', 'return-path', 'custom-data'] as const).map((name) =>
    columnIndex(layout, name),
  ) as [number, number, number]
  if (sender < 0 || path < 0) return null
  const original = custom < 0 ? () => '' : customValue(custom, 'S:OriginalFromAddress')
  return {
    run: (records, row) => {
      const other = original(records, row)
      // Nearly always they are the same, and no text need be made for that.
      if (other === '' && isSame(records, row, sender, path)) return ''
      const seen = addressIn(fieldText(records, row, sender))
      const envelope = addressIn(other) || addressIn(fieldText(records, row, path))
      if (seen === '' || envelope === '' || seen === envelope) return ''
      return domainOf(seen) === domainOf(envelope) ? 'address' : 'domain'
    },
    // Two addresses are hardly ever twice the same: to see that they are, in each row, is dearer than what is made of them.
    inputs: null,
    copies: null,
  }
}

function isSame({ layout, bytes, starts, ends }: Records, row: number, one: number, other: number): boolean {
  const base = row * layout.columns.length
  const start = starts[base + one]!
  const otherStart = starts[base + other]!
  const length = ends[base + one]! - start
  if (length !== ends[base + other]! - otherStart) return false
  for (let at = 0; at < length; at++) if (bytes[start + at] !== bytes[otherStart + at]) return false
  return true
}

/** In lower case and without brackets; nothing for the null sender. */
function addressIn(text: string): string {
  return trimBlanks(text)
    .replace(/^<(.*)>$/, '$1')
    .toLowerCase()
}
