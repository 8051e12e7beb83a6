/** Brokers as they stand in an address, and the topic behind them: `b1:9092,b2/topic`. */
import { Mistaken } from '../mistakes/words.ts'
import { formatHostPort, type HostPort, readHostPort } from '../network/host-port.ts'

/** A topic, and the brokers that are asked first for the others of their cluster. */
export interface TopicAddress {
  readonly brokers: readonly HostPort[]
  readonly topic: string
}

/** That of brokers that are addressed without one. */
export const defaultBrokerPort = 9092

/** What stands behind `kafka://` taken apart, or what is wrong with it. */
export function readTopicAddress(rest: string): TopicAddress | Mistaken {
  const [, authorities = '', topic = ''] = /^([^/?#]*)\/?(.*)$/s.exec(rest.replace(/\/$/, '')) ?? []
  if (authorities.includes('@')) {
    return new Mistaken(
      'holds a user or password',
      'write only brokers and topic; user and password belong into kafka.sasl',
    )
  }
  const brokers: HostPort[] = []
  for (const authority of authorities.split(',')) {
    const broker = readHostPort(authority.trim(), 'kafka', defaultBrokerPort)
    if (broker instanceof Mistaken) return broker
    brokers.push(broker)
  }
  if (topic === '') return new Mistaken('names no topic', 'write kafka://broker:9092,broker2:9092/topic')
  if (!isTopic(topic)) {
    return new Mistaken(
      `has ${JSON.stringify(topic)}, which can be no topic`,
      'a topic has 1 to 249 letters, digits, dots, hyphens and underscores',
    )
  }
  return { brokers, topic }
}

/** The same text for all ways to write the same address. */
export function formatTopicAddress({ brokers, topic }: TopicAddress): string {
  return `${formatBrokers(brokers)}/${topic}`
}

/** Each once, in the order of the alphabet. */
function formatBrokers(brokers: readonly HostPort[]): string {
  return [...new Set(brokers.map((broker) => formatHostPort(broker).toLowerCase()))].sort().join(',')
}

/** As brokers judge it. */
function isTopic(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'
}
