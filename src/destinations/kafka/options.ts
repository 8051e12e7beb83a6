/** The settings of destinations in topics of Kafka. */
import * as z from 'zod'
import {
  type BrokersOptions,
  brokersShape,
  checkBrokers,
  nodeMistake,
  withAbsoluteFiles,
} from '../../kafka/options.ts'
import { type Group, isGroup } from '../../mistakes/written.ts'
import { type Formatted, formatShape, unusedIn } from '../format.ts'
import type { CommonOptions, Report, Unused } from '../kind.ts'
import { compressions } from './compression.ts'
import { keys } from './parts.ts'

const once = z.strictObject({
  id: z
    .string({ error: 'is missing' })
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'must be 1 to 200 letters, digits, dots, hyphens or underscores')
    .describe(
      'By what the brokers know this delivery (`transactional.id`), wherever it runs: an instance with the same id goes on ' +
        'where another one was, and ends that. Two destinations may not have the same.',
    ),
  positions: z
    .string({ error: 'is missing' })
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'must be the name of a topic')
    .describe(
      'The compacted topic of the same cluster that positions are kept in; several ids can share one.',
    ),
  commitMs: z
    .int()
    .min(10, 'must be 10 or more (milliseconds)')
    .max(10_000, 'must be 10000 or less (milliseconds)')
    .default(200)
    .describe(
      'How long a transaction takes what comes before it is committed; readers see events that much later.',
    ),
})

/** The settings under `exactlyOnce`. */
export type OnceOptions = z.output<typeof once>

const settings = z.strictObject({
  ...brokersShape,
  key: z
    .enum(keys, `must be one of: ${keys.join(', ')}`)
    .optional()
    .describe(
      'What decides to which partition an event goes, where the order is kept. `message`: its network-message-id, or ' +
        'else its message-id, so that all of a mail is in one; by default, but with `format: raw`. `file`: the log it ' +
        'stands in, by default with `format: raw`: several rows go in one record then. `none`: the next partition for ' +
        'each batch.',
    ),
  compression: z
    .enum(compressions, `must be one of: ${compressions.join(', ')}`)
    .default('none')
    .describe('How records are made smaller on the wire and in the topic.'),
  idempotent: z
    .boolean()
    .default(true)
    .describe(
      'Whether brokers are to know a batch that is sent again, so that an answer that got lost repeats nothing. Old ' +
        'brokers want a right of its own for that, and Event Hubs may not have it.',
    ),
  exactlyOnce: once
    .optional()
    .describe(
      'Has each event in the topic once, also across crashes, for readers with `isolation.level=read_committed`: events and ' +
        'positions are written in transactions. From folders only.',
    ),
  maxRequestBytes: z
    .int()
    .min(16_384, 'must be 16384 or more')
    .max(104_857_600, 'must be 104857600 or less')
    .default(1_000_000)
    .describe(
      'Most bytes of records in a request, before they are compressed. A batch that a topic does not take is divided and ' +
        'sent again; an event that is too large by itself goes to the dead letters.',
    ),
  deliveryTimeoutMs: z
    .int()
    .min(1000, 'must be 1000 or more (milliseconds)')
    .max(3_600_000, 'must be 3600000 or less (milliseconds)')
    .default(120_000)
    .describe(
      'How long a batch that no broker takes is sent again before it is given up and read again: until then nothing comes ' +
        'twice.',
    ),
})

/** The settings under `kafka`. */
export type KafkaSettings = z.output<typeof settings>

/** What holds unless the settings say otherwise. */
export const defaultKafka: KafkaSettings = settings.parse({})

/** The group `kafka` of a destination, and what it is written as. */
export const kafkaShape = {
  ...formatShape,
  kafka: settings.optional().describe('Settings of kafka:// destinations (docs/kafka.md).'),
}

/** Those of a destination in a topic. */
export type KafkaOptions = CommonOptions &
  Formatted & {
    readonly kafka?: KafkaSettings | undefined
    /** Of what events are made. */
    readonly records?: 'row' | 'mail' | undefined
  }

/** With all defaults, those that depend on others too. */
export function settingsOf({ kafka = defaultKafka, format }: KafkaOptions) {
  return { ...kafka, key: kafka.key ?? (format === 'raw' ? 'file' : 'message') } as const
}

/** How events become records. */
export function recordsOf(options: KafkaOptions) {
  return { key: settingsOf(options).key, isOfRows: options.records !== 'mail' } as const
}

/** What is to be filled in: the paths of files. */
export function completeKafka(
  { kafka }: { readonly kafka?: KafkaSettings | undefined },
  absolute: (path: string) => string,
) {
  return { ...(kafka && { kafka: withAbsoluteFiles(kafka, absolute) }) }
}

/** What contradicts each other, and a Node.js that is too old. */
export function checkKafka({ to, kafka, maxEventsPerSecond }: Group, report: Report): void {
  const mistake = /^\s*kafka:/i.test(String(to)) ? nodeMistake() : null
  if (mistake !== null) report(['to'], mistake.message, mistake.remedy)
  if (isGroup(kafka)) {
    const { exactlyOnce, idempotent } = kafka
    if (exactlyOnce !== undefined && idempotent === false) {
      report(
        ['kafka', 'exactlyOnce'],
        'needs brokers that know a batch that is sent again',
        'remove idempotent: false (of the preset: write idempotent: true, if the brokers can do it), or remove it',
      )
    }
    if (isGroup(exactlyOnce) && to !== undefined && exactlyOnce.positions === topicIn(to)) {
      report(
        ['kafka', 'exactlyOnce', 'positions'],
        'is the topic of the events',
        'name another topic, which is compacted',
      )
    }
    if (
      exactlyOnce !== undefined &&
      typeof maxEventsPerSecond === 'number' &&
      maxEventsPerSecond < leastPace
    ) {
      report(
        ['maxEventsPerSecond'],
        `must be ${leastPace} or more with kafka.exactlyOnce: a transaction must not last long`,
      )
    }
    checkBrokers(kafka, (path, message, remedy) => report(['kafka', ...path], message, remedy))
  }
}

/** A batch of a usual chunk takes a few seconds then. */
const leastPace = 500

function topicIn(to: unknown): string | undefined {
  return typeof to === 'string' ? /\/([^/]+)\/?$/.exec(to)?.[1] : undefined
}

const noSyslog = { message: 'is for syslog, and records have none of its headers', remedy: 'remove it' }

/** Settings that do nothing there. */
export function unusedInKafka(written: Group): Unused {
  return {
    ...unusedIn(written),
    syslog: noSyslog,
    framing: { message: 'is for TCP and TLS, and here an event is a record', remedy: 'remove it' },
    tls: { message: 'is for tls:// destinations', remedy: 'write it under kafka: kafka.tls' },
  }
}

/** How msgtrk is let in, in words. */
export function signsIn({ sasl, tls }: BrokersOptions): string {
  const own = tls?.cert === undefined ? '' : `shows ${tls.cert}`
  if (sasl === undefined) return own === '' ? 'not at all' : own
  const by = `by ${sasl.mechanism}${tls === undefined && sasl.mechanism !== 'oauthbearer' ? ', over plain text' : ''}`
  const who = sasl.username === undefined ? `with ${tokenOf(sasl)}` : `as ${sasl.username}`
  return [own, `${who}, ${by}`].filter((text) => text !== '').join('; ')
}

/** Where the token is from that msgtrk signs in by, in words. */
export function tokenOf({ tokenFile, oauth }: NonNullable<BrokersOptions['sasl']>): string {
  return oauth === undefined
    ? `the token in ${tokenFile}`
    : `a token of ${new URL(oauth.url).host} for ${oauth.clientId}`
}
