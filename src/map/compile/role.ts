/** The role of a side of a record, as conditions of a mapping table ask for it: see records/writer.ts. */
import type { Layout } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import type { Column } from '../../records/layouts.ts'
import { isEitherOnes, isSameServer, rowAt, type Sides, sidesOf, writerOf } from '../../records/writer.ts'
import type { Role } from '../table/roles.ts'
import { type Making, nothing } from './making.ts'

/** What the side of this column is (`role of client-ip`): a role as text. `asked`: the roles that it is compared with. */
export function roleText(of: Column, layout: Layout, asked: readonly string[]): Making {
  const sides = sidesOf(layout)
  const isAddress = of.endsWith('-ip')
  const isClient = of.startsWith('client-')
  // Whether the other side is the same server is seen only by what it is called.
  const tellsItself = asked.includes('other') !== asked.includes('itself')
  const given = (columns: readonly number[]) => columns.filter((column) => column >= 0)
  const { event, connector, client, server } = sides
  const known = given([client.name, server.name, client.address, server.address])
  return {
    run: (records, row) => roleOf(records, row, sides, { isAddress, isClient, tellsItself }),
    inputs: {
      ...nothing,
      columns: given([event]),
      shapes: given([connector, ...known]),
      sides: tellsItself ? sides : null,
    },
    copies: null,
  }
}

interface Asked {
  readonly isAddress: boolean
  readonly isClient: boolean
  readonly tellsItself: boolean
}

function roleOf(records: Records, row: number, sides: Sides, asked: Asked): Role {
  const { isAddress, isClient, tellsItself } = asked
  const at = rowAt(records, row, sides)
  const writer = writerOf(at, sides)
  if (writer === null || (isAddress && isEitherOnes(at, sides, writer))) return 'unknown'
  if (writer === 'receiver') return isClient && isAddress ? 'other' : 'writer'
  if (isClient === (writer === 'client')) return 'writer'
  return tellsItself && isSameServer(at, sides) ? 'itself' : 'other'
}
