/** What `msgtrk init` has to know, whoever says it: a person, options, or the configuration of a SmartConnector. */
import type { NoiseName } from '../../filter/options.ts'

/** A folder of tracking logs. */
export interface SourceAnswer {
  readonly name?: string
  readonly folder: string
  readonly pattern?: string
  readonly startAt?: string
}

/** Who a receiver over TLS has to be, and who we are. */
export interface TlsAnswer {
  readonly ca?: string
  readonly fingerprint?: string
  readonly serverName?: string
  readonly cert?: string
  readonly key?: string
}

/** Who signs in to Microsoft Entra; the secret itself stands in the file. */
export interface SentinelAnswer {
  readonly tenantId?: string
  readonly clientId?: string
  readonly clientSecretFile?: string
  readonly certificate?: string
}

/** How brokers of Kafka are talked to; over plain text without `tls`. The password itself stands in the file. */
export interface KafkaAnswer {
  readonly tls?: Omit<TlsAnswer, 'fingerprint'>
  readonly mechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username?: string
  readonly passwordFile?: string
}

/** A receiver and what it gets. */
export interface DestinationAnswer {
  readonly name?: string
  readonly to: string
  readonly failover?: readonly string[]
  readonly preset?: string
  readonly tls?: TlsAnswer
  readonly sentinel?: SentinelAnswer
  readonly kafka?: KafkaAnswer
  readonly events?: readonly string[]
  readonly noise?: readonly NoiseName[]
}

/** The status page. */
interface HttpAnswer {
  readonly listen: string
  /** The file with its token, as it stands in the configuration. */
  readonly tokenFile: string
}

/** All that a configuration is written from. */
export interface Answers {
  readonly state: string
  readonly http?: HttpAnswer | undefined
  readonly sources: readonly SourceAnswer[]
  readonly destinations: readonly DestinationAnswer[]
  /** What another program was set to and this one is not. */
  readonly leftOut?: readonly LeftOut[]
}

/** A setting that was not carried over. */
export interface LeftOut {
  readonly key: string
  /** As a person may see it: no secret. */
  readonly value: string
  readonly because?: string
}
