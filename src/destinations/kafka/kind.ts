/** Topics of Kafka, of brokers that speak its protocol, as a kind of destination. */
import {
  defaultBrokerPort,
  formatTopicAddress,
  readTopicAddress,
  type TopicAddress,
} from '../../kafka/address.ts'
import { brokersSecrets } from '../../kafka/options.ts'
import { checkFormat, formatOf } from '../format.ts'
import type { Kind } from '../kind.ts'
import { examineKafka } from './examine.ts'
import { createKafka } from './kafka.ts'
import {
  checkKafka,
  completeKafka,
  type KafkaOptions,
  kafkaShape,
  settingsOf,
  signsIn,
  unusedInKafka,
} from './options.ts'

const below = (path: readonly string[]) => ['kafka', ...path]

/** A record holds a key and headers beside its event, and a batch some more: brokers take 1 MiB by default. */
const mostMessageBytes = 900_000

export const kafka = {
  protocol: 'kafka',
  title: 'Kafka',
  form: 'kafka://broker,broker/topic',
  example: 'kafka://broker1:9092,broker2:9092/topic',
  defaultPort: defaultBrokerPort,
  frames: {
    framing: 'datagram',
    header: 'none',
    says: 'a record for each event, without a syslog header',
    origins: true,
    maxMessageBytes: 65_536,
    most: {
      bytes: mostMessageBytes,
      because: 'for Kafka: brokers take records of 1 MiB with all that is around',
    },
    formatOf,
  },
  settings: kafkaShape,
  secrets: {
    texts: brokersSecrets.texts.map(below),
    references: brokersSecrets.references.map(below),
    files: brokersSecrets.files.map(below),
  },
  hasOwnPace: false,
  withoutFailover: 'has brokers that stand in for each other',
  readAddress: readTopicAddress,
  formatAddress: formatTopicAddress,
  check: (settings, report) => {
    checkKafka(settings, report)
    checkFormat(settings, report)
  },
  unused: unusedInKafka,
  complete: completeKafka,
  describe: (options) => {
    const settings = settingsOf(options)
    const { tls, key, compression, exactlyOnce } = settings
    return [
      [
        'trusts',
        tls === undefined
          ? 'anybody: without kafka.tls nothing is encrypted'
          : (tls.ca ?? 'the authorities of the system'),
      ],
      ['signs in', signsIn(settings)],
      ['key', keyInWords[key]],
      ...(compression === 'none' ? [] : [['compression', compression] as const]),
      ...(exactlyOnce === undefined
        ? []
        : [['positions', `${exactlyOnce.positions}, under the id ${exactlyOnce.id}`] as const]),
    ]
  },
  describeDelivered: (options) =>
    `${onceIn(options) === undefined ? '' : 'exactly once, for readers with isolation.level=read_committed (others see what comes twice): '}` +
    'when all replicas that are in step have it (acks=all); how many these are at least, min.insync.replicas of the topic ' +
    `says${settingsOf(options).idempotent ? '' : '; an answer that gets lost repeats a batch'}`,
  ownIdOf: onceIn,
  forReports: (options) => ({
    ...options,
    // A session of its own under the same id would end that of the events.
    ...(options.kafka && { kafka: { ...options.kafka, exactlyOnce: undefined } }),
  }),
  unconfirmedRemedy: () =>
    'look at the brokers: whether as many replicas of the topic are in step as its min.insync.replicas asks for, and whether their ' +
    'disks and the rights of the user let it write (msgtrk check --live)',
  examine: examineKafka,
  create: createKafka,
} as const satisfies Kind<TopicAddress, KafkaOptions>

/** By what it keeps positions itself. */
function onceIn({ kafka }: KafkaOptions): string | undefined {
  return kafka?.exactlyOnce && `${kafka.exactlyOnce.positions}/${kafka.exactlyOnce.id}`
}

const keyInWords = {
  message: 'network-message-id, or else message-id: all of a mail is in order',
  file: 'the log: all of a file is in order',
  none: 'none: each batch goes to the next partition',
} as const
