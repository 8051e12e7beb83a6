/** Receivers whose names are not known here: likely mistyped, or known only where msgtrk will run. */
import type { Config } from '../config/schema.ts'
import { parseTarget } from '../destinations/kinds.ts'
import type { Log } from '../flow/log.ts'
import { formatPlace } from '../mistakes/place.ts'
import { examineName } from '../network/names.ts'

/** Asks for each name once, all at the same time; `log` hears of those that nobody knows. */
export async function tellUnknownHosts({ destinations, placeOf }: Config, log: Log): Promise<void> {
  const asked = new Map<string, ReturnType<typeof examineName>>()
  const named = destinations.flatMap(({ name, to, failover = [] }, index) =>
    [to, ...failover].flatMap((target, place) => {
      const { kind, address } = parseTarget(target)
      const host = kind.hostOf?.(address)
      if (host === undefined) return []
      const known = asked.get(host.host) ?? examineName(host)
      asked.set(host.host, known)
      const path = place === 0 ? ['to'] : ['failover', place - 1]
      return [{ destination: name, setting: ['destinations', index, ...path], known }]
    }),
  )
  for (const { destination, setting, known } of named) {
    for (const { verdict, message, remedy } of (await known).examined) {
      if (verdict !== 'failure') continue
      const fields = { destination, setting: formatPlace(placeOf(setting)), error: message, remedy }
      log.warn('The host of a receiver is not known here', fields)
    }
  }
}
