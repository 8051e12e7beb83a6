/** Domains of addresses, and which of them are own ones. */
import { trimBlanks } from './fields.ts'

/** `*.contoso.com` are all domains below it. */
export function ownDomains(domains: readonly string[]): (domain: string) => boolean {
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

/** Whether a connector is one of these, given with or without its server. */
export function ownConnectors(connectors: readonly string[]): (connector: string) => boolean {
  const own = new Set(connectors.map((name) => name.toLowerCase()))
  return (connector) => {
    const name = trimBlanks(connector).toLowerCase()
    return own.has(name) || own.has(name.slice(name.indexOf('\\') + 1))
  }
}
