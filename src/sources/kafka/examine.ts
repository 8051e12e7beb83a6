/** Tries whether a topic can be read, for `msgtrk check --live`: as no member of a group, so that nothing moves for it. */
import { type ClientOptions, loadKafka, prepared, quietly } from '../../kafka/client.ts'
import { counted } from '../../mistakes/counted.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'

/** What is tried. */
interface ExaminedTopic {
  readonly client: ClientOptions
  readonly topic: string
  readonly groups: readonly string[]
  readonly reasonFor: (error: unknown) => string
}

const limitMs = 20_000

/** The topic, its partitions, and for each group how far it has come; never rejects. */
export async function examineTopic({
  client,
  topic,
  groups,
  reasonFor,
}: ExaminedTopic): Promise<readonly Examined[]> {
  const { Consumer } = await loadKafka()
  const consumers: { close(force: boolean): unknown }[] = []
  const consumerOf = (groupId: string) => {
    const made = prepared(new Consumer({ ...client, groupId, autocommit: false, retries: 2 }), client)
    made.on('error', () => {})
    consumers.push(made)
    return made
  }
  const [first = 'msgtrk'] = groups
  try {
    return await within(async () => {
      const asked = consumerOf(first)
      const found = (await asked.metadata({ topics: [topic] })).topics.get(topic)
      if (found === undefined) throw new Error(`Unknown topic ${topic}`)
      const numbers = Array.from({ length: found.partitionsCount }, (_, number) => number)
      const without = numbers.filter((number) => (found.partitions[number]?.leader ?? -1) < 0)
      const partitions =
        without.length === 0
          ? ok('topic', `${topic} has ${numbers.length} partitions`)
          : warning(
              'topic',
              `${topic}: partitions ${without.join(' ')} have no leader`,
              'see why brokers are down',
            )
      const ends = (await asked.listOffsets({ topics: [topic] })).get(topic) ?? []
      const lines = groups.map(async (group): Promise<Examined> => {
        try {
          const consumer = consumerOf(group)
          const committed =
            (await consumer.listCommittedOffsets({ topics: [{ topic, partitions: numbers }] })).get(topic) ??
            []
          const begun = numbers.filter((number) => (committed[number] ?? -1n) >= 0n)
          const behind = begun.reduce(
            (sum, number) => sum + Number((ends[number] ?? 0n) - (committed[number] ?? 0n)),
            0,
          )
          return ok(
            'group',
            begun.length === 0
              ? `${group} has not begun yet`
              : `${group} is ${counted(behind, 'message')} behind`,
          )
        } catch (error) {
          return failure('group', `${group}: ${reasonFor(error)}`)
        }
      })
      return [partitions, ...(await Promise.all(lines))]
    })
  } catch (error) {
    return [failure('topic', reasonFor(error))]
  } finally {
    await Promise.all(consumers.map((consumer) => quietly(() => consumer.close(true))))
  }
}

async function within<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), limitMs)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
