/** Which address of a name that has several is tried first. */
import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** A version of IP. */
export type IpVersion = 4 | 6

/** The addresses with those of this version first, otherwise in their order; as they are without one. */
export function preferring<Address extends { readonly family: number }>(
  addresses: readonly Address[],
  version: IpVersion | undefined,
): readonly Address[] {
  if (version === undefined) return addresses
  const isPreferred = ({ family }: Address) => family === version
  return [...addresses.filter(isPreferred), ...addresses.filter((address) => !isPreferred(address))]
}

type LookUpAll = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** For `net.connect`: finds names as the system does, with addresses of this version first; undefined without one. */
export function lookupPreferring(
  version: IpVersion | undefined,
  lookup: LookUpAll = systemLookup,
): LookupFunction | undefined {
  if (version === undefined) return undefined
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const [first, ...others] = error ? [] : preferring(found, version)
      if (error || first === undefined) done(error, options.all ? [] : '')
      else if (options.all) done(null, [first, ...others])
      else done(null, first.address, first.family)
    })
  }
}
