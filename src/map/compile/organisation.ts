/** What a record says only to those who know the organisation: which recipients and which connectors are its own. */
import type { Layout } from '../../flow/chunk.ts'
import { domainOf, ownConnectors, ownDomains } from '../../records/domains.ts'
import { fieldText } from '../../records/fields.ts'
import { columnIndex } from '../../records/layouts.ts'
import { splitList } from '../../records/list.ts'
import type { Organisation } from '../options.ts'
import { type Making, nothing } from './making.ts'

/** How many recipients are in no domain of the organisation; null where its domains are not known. */
export function outsideText(layout: Layout, { domains = [] }: Organisation): Making | null {
  const column = columnIndex(layout, 'recipient-address')
  if (column < 0 || domains.length === 0) return null
  const isOwn = ownDomains(domains)
  return {
    run: (records, row) => {
      const found = splitList(fieldText(records, row, column)).flatMap((address) => domainOf(address) ?? [])
      // Addresses without a domain are of the directory, or were taken away; with no other nothing is known.
      return found.length === 0 ? '' : String(found.filter((domain) => !isOwn(domain)).length)
    },
    inputs: { ...nothing, columns: [column] },
    copies: null,
  }
}

/** `true` for a connector of the organisation, given with or without its server; null where none is known. */
export function ownConnectorText(layout: Layout, { connectors = [] }: Organisation): Making | null {
  const column = columnIndex(layout, 'connector-id')
  if (column < 0 || connectors.length === 0) return null
  const isOwn = ownConnectors(connectors)
  return {
    run: (records, row) => (isOwn(fieldText(records, row, column)) ? 'true' : ''),
    inputs: { ...nothing, columns: [column] },
    copies: null,
  }
}
