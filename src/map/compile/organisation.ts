/** What a record says only to those who know the organisation: which recipients and which connectors are its own. */
import type { Layout } from '../../flow/chunk.ts'
import { fieldText, trimBlanks } from '../../records/fields.ts'
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
  const own = new Set(connectors.map((name) => name.toLowerCase()))
  return {
    run: (records, row) => {
      const name = trimBlanks(fieldText(records, row, column)).toLowerCase()
      return own.has(name) || own.has(name.slice(name.indexOf('\\') + 1)) ? 'true' : ''
    },
    inputs: { ...nothing, columns: [column] },
    copies: null,
  }
}

/** `*.contoso.com` are all domains below it. */
function ownDomains(domains: readonly string[]): (domain: string) => boolean {
  const lower = domains.map((domain) => domain.toLowerCase())
  const exact = new Set(lower.filter((domain) => !domain.startsWith('*')))
  const below = lower.filter((domain) => domain.startsWith('*')).map((domain) => domain.slice(1))
  return (domain) => exact.has(domain) || below.some((end) => domain.endsWith(end))
}

/** In lower case; null for an address without one. */
export function domainOf(address: string): string | null {
  const at = address.lastIndexOf('@')
  const domain = at < 0 ? '' : trimBlanks(address.slice(at + 1).replace(/>$/, '')).toLowerCase()
  return domain === '' ? null : domain
}
