/** The settings of a source that is a topic. */
import * as z from 'zod'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { readTopicAddress } from '../../kafka/address.ts'
import type { ClientOptions } from '../../kafka/client.ts'
import { brokersShape } from '../../kafka/options.ts'
import { Mistaken, report, said } from '../../mistakes/words.ts'

const protocols = ['classic', 'consumer'] as const

const settings = z.strictObject({
  ...brokersShape,
  group: z
    .string()
    .regex(
      /^[A-Za-z0-9._-]{1,100}$/,
      said('is no name of a group', 'use 1 to 100 letters, digits, dots, hyphens and underscores'),
    )
    .default('msgtrk')
    .describe(
      'Beginning of the names of the consumer groups: each destination reads each topic in a group of its own, ' +
        '`group.topic.destination`. Instances with the same names share the partitions of the topic.',
    ),
  protocol: z
    .enum(protocols, `must be one of: ${protocols.join(', ')}`)
    .default('classic')
    .describe(
      'How the members of a group agree: `classic`, in which partitions move one by one (cooperative-sticky), or ' +
        '`consumer`, the protocol of Kafka 4 (KIP-848), which the brokers lead. All members of a group need the same.',
    ),
  static: z
    .boolean()
    .default(true)
    .describe(
      'Whether an instance that ends keeps its partitions for `sessionMs`, so that a restart moves none (KIP-345). It is ' +
        'known by its state folder, which no two may share.',
    ),
  sessionMs: z
    .int()
    .min(6_000, 'must be 6000 or more (milliseconds)')
    .max(1_800_000, 'must be 1800000 or less (milliseconds)')
    .default(45_000)
    .describe(
      'After how long the others take over the partitions of an instance that is not heard of; with `protocol: consumer` ' +
        'the brokers set it.',
    ),
})

/** Those settings, with all defaults filled in. */
type GroupSettings = z.output<typeof settings>

/** What holds unless the settings say otherwise. */
export const defaultGroup = settings.parse({})

/** Settings of a source. */
export const topicShape = {
  from: z
    .string({ error: said('must be text', 'write kafka://broker:9092,broker2:9092/topic') })
    .superRefine((from, context) => {
      const address = readSource(from)
      if (address instanceof Mistaken) report(context, address.words)
    })
    .optional()
    .describe(
      'In place of a folder: a topic of Kafka with raw rows, `kafka://broker:9092,broker2:9092/topic` (docs/scale-out.md).',
    ),
  kafka: settings.optional().describe('How the topic in `from` is read.'),
}

/** A topic as a source, with all defaults filled in. */
export interface TopicOptions {
  readonly name: string
  readonly startAt: string
  readonly from: string
  readonly kafka?: GroupSettings | undefined
}

/** The address of a topic taken apart, or what is wrong with it. */
export function readSource(from: string) {
  const [, protocol, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(from) ?? []
  return protocol?.toLowerCase() === 'kafka'
    ? readTopicAddress(rest)
    : new Mistaken(
        'is no address of a source',
        'write kafka://broker:9092,broker2:9092/topic, or name a folder',
      )
}

/** What is read, and as whom. */
export interface TopicReaderOptions {
  readonly name: string
  readonly startAt: string
  /** The address as it was written. */
  readonly from: string
  readonly topic: string
  readonly group: string
  readonly protocol: 'classic' | 'consumer'
  readonly sessionMs: number
  readonly instanceId: string | undefined
  readonly client: ClientOptions
  readonly follow: boolean
  readonly log: Log
  readonly events: Listener
  /** An error in words. */
  readonly reasonFor: (error: unknown) => string
}
