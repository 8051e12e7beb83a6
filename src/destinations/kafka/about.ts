/** What is made of the settings of a destination in a topic, for whoever talks to its brokers. */
import type { Log } from '../../flow/log.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { clientOptions } from '../../kafka/client.ts'
import { formatHostPort } from '../../network/host-port.ts'
import { type KafkaOptions, settingsOf, tokenOf } from './options.ts'
import { TopicClient } from './topic-client.ts'

/** What connections of a destination are made with. Throws a `ProblemsError` when a certificate can't be used. */
export function topicClient(
  options: KafkaOptions,
  { brokers, topic }: TopicAddress,
  onRemade?: () => void,
): TopicClient {
  const settings = settingsOf(options)
  return new TopicClient({
    topic,
    brokers,
    client: clientOptions(brokers, settings),
    idleMs: settings.idleMs,
    onRemade,
  })
}

/** What sentences about its brokers are made of. */
export function aboutTopic(options: KafkaOptions, { brokers, topic }: TopicAddress) {
  const isOfPositions = topic === options.kafka?.exactlyOnce?.positions
  const { sasl } = settingsOf(options)
  const user = sasl === undefined ? undefined : (sasl.username ?? `of ${tokenOf(sasl)}`)
  const setting = isOfPositions ? 'kafka.exactlyOnce.positions' : undefined
  return { brokers: brokers.map(formatHostPort).join(', '), topic, user, setting }
}

/** Says that a topic was made anew: a person has to know, and to decide. */
export function remadeTeller({ name, to }: KafkaOptions, log: Log): () => void {
  return () =>
    log.error('The topic was deleted and made again: what was delivered into it before is gone with it', {
      destination: name,
      to,
      remedy:
        'to deliver again what the logs still hold: stop msgtrk, ' +
        `msgtrk state reset --destination ${name}, start it again`,
    })
}
