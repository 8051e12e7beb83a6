import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { HttpsClient } from '../https/client.ts'
import { HttpBatches } from '../https/http-batches.ts'
import { DestinationStatus } from '../status.ts'
import { cloudOf, type RuleAddress } from './address.ts'
import { identityOf } from './identity.ts'
import { logsIngestion } from './logs-ingestion.ts'
import type { SentinelOptions } from './options.ts'
import { tokensOf } from './tokens.ts'

/** A stream of a data collection rule. Throws a `ProblemsError` when a certificate or the proxy can't be used. */
export function createSentinel(
  options: SentinelOptions,
  address: RuleAddress,
  log: Log,
  events?: Listener,
): HttpBatches {
  const { name, to } = options
  return new HttpBatches({
    name,
    api: logsIngestion(address, tokensOf(identityOf(options.sentinel), cloudOf(address)), events),
    client: clientFor(address),
    status: new DestinationStatus(name, to, log, { events }),
  })
}

/** Throws a `ProblemsError` when the environment names a proxy that is none. */
export function clientFor(address: RuleAddress): HttpsClient {
  try {
    return new HttpsClient(address)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ProblemsError([{ where: { setting: ['to'] }, message }])
  }
}
