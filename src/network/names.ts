/** Whether the name of a receiver is known here, asked as connections ask: by the system, its hosts file included. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Examined, failure, ok } from '../mistakes/examined.ts'
import { formatHostPort, type HostPort } from './host-port.ts'
import { reasonFor } from './reasons.ts'

/** A name server that is down is asked several times by the system; nobody waits for that. */
const limitMs = 5000

/** What is known of a name. */
export interface KnownName {
  /** Empty for an address, of which nothing has to be known. */
  readonly examined: readonly Examined[]
  /** Empty when the name is not known. */
  readonly addresses: readonly string[]
}

/** Asks for a name. Never rejects, and takes five seconds at most. */
export async function examineName(target: HostPort, find: typeof lookup = lookup): Promise<KnownName> {
  const { host } = target
  if (isIP(host) !== 0) return { examined: [], addresses: [host] }
  const peer = formatHostPort(target)
  const startedMs = performance.now()
  const over = new AbortController()
  try {
    const found = await Promise.race([
      find(host, { all: true }),
      pause(limitMs, undefined, { signal: over.signal }),
    ])
    const ms = Math.round(performance.now() - startedMs)
    if (found === undefined) {
      return unknown(
        `the name server does not answer for ${host} within ${limitMs / 1000} s`,
        'check the name servers of this machine, or write the IP address in `to`',
      )
    }
    const addresses = found.map(({ address }) => address)
    return { examined: [ok('name', `${host} is ${addresses.join(', ')} (${ms} ms)`)], addresses }
  } catch (error) {
    const reason = reasonFor(error instanceof Error ? error : new Error(String(error)), peer, 'connecting')
    return unknown(reason, 'write the name as the name server knows it, or the IP address, in `to`')
  } finally {
    over.abort()
  }
}

function unknown(message: string, remedy: string): KnownName {
  return { examined: [failure('name', message, remedy)], addresses: [] }
}
