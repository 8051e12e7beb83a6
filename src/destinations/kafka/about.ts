/** What is made of the settings of a destination in a topic, for whoever talks to its brokers. */
import type { TopicAddress } from '../../kafka/address.ts'
import { clientOptions } from '../../kafka/client.ts'
import { formatHostPort } from '../../network/host-port.ts'
import { type KafkaOptions, settingsOf, tokenOf } from './options.ts'
import { TopicClient } from './topic-client.ts'

/** What connections of a destination are made with. Throws a `ProblemsError` when a certificate can't be used. */
export function topicClient(options: KafkaOptions, { brokers, topic }: TopicAddress): TopicClient {
  const settings = settingsOf(options)
  return new TopicClient({
    topic,
    brokers,
    client: clientOptions(brokers, settings),
    idleMs: settings.idleMs,
  })
}

/** What sentences about its brokers are made of. */
export function aboutTopic(options: KafkaOptions, { brokers, topic }: TopicAddress) {
  const { sasl } = settingsOf(options)
  const user = sasl === undefined ? undefined : (sasl.username ?? `of ${tokenOf(sasl)}`)
  return { brokers: brokers.map(formatHostPort).join(', '), topic, user }
}
