/** The server that wrote a row, as a host in a header. */
import type { Layout } from '../flow/chunk.ts'
import type { Records } from '../flow/records.ts'
import { fieldText, trimBlanks } from '../records/fields.ts'
import { rowAt, type Sides, sidesOf, writerOf } from '../records/writer.ts'

/** A name of a host or an IPv4 address: nothing else may stand there, whoever wrote it. */
const hostPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/

const sidesOfLayouts = new WeakMap<Layout, Sides>()

/** Its name as the row has it; empty when it has none, or one that can be no host. */
export function serverOf(records: Records, row: number): string {
  const { layout } = records
  let sides = sidesOfLayouts.get(layout)
  if (sides === undefined) {
    sides = sidesOf(layout)
    sidesOfLayouts.set(layout, sides)
  }
  const writer = writerOf(rowAt(records, row, sides), sides)
  if (writer === null) return ''
  const { name } = writer === 'server' ? sides.server : sides.client
  const text = name < 0 ? '' : trimBlanks(fieldText(records, row, name))
  return hostPattern.test(text) ? text : ''
}
