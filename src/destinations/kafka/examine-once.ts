/** What can be told of exactly once without beginning a session, which would end that of an instance at work. */
import type { TopicAddress } from '../../kafka/address.ts'
import { clientOptions, type Kafka, loadKafka, prepared } from '../../kafka/client.ts'
import { codes, reasonForCode, reasonForError } from '../../kafka/reasons.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { plain } from '../../network/reasons.ts'
import { aboutTopic, topicClient } from './about.ts'
import { type KafkaOptions, type OnceOptions, settingsOf } from './options.ts'
import { PositionsTopic } from './positions-topic.ts'
import { Session } from './session.ts'

const mostMs = 10_000

/** Asks for the topic of the positions, what stands in it, whether it keeps that, and whether msgtrk may use both. */
export async function examineOnce(
  options: KafkaOptions,
  address: TopicAddress,
  once: OnceOptions,
): Promise<readonly Examined[]> {
  const of = { ...address, topic: once.positions }
  const about = aboutTopic(options, of)
  const client = topicClient(options, of)
  const settings = settingsOf(options)
  const made = clientOptions(address.brokers, settings)
  const signal = AbortSignal.timeout(mostMs)
  try {
    const [leader] = await client.leaders(true)
    if (leader === undefined) return [failure('positions', `nobody leads a partition of ${once.positions}`)]
    const topic = new PositionsTopic({ topic: once.positions, id: once.id, client: made })
    await topic.read(false, signal, mostMs)
    await new Session(client, once.id).find(signal)
    const [answer] = await client.produce(leader, [{ partition: 0, batch: Buffer.alloc(0) }])
    if (answer?.code === codes.topicRefused) {
      return [failure('positions', reasonForCode(answer.code, answer.name, about))]
    }
    const { owner, positions } = topic
    const by = owner && `, by ${plain(owner.host, 300)} since ${plain(owner.since, 40)}`
    return [
      ok('positions', `${positions.size} under the id ${once.id} in ${once.positions}${by ?? ''}`),
      ...(await examinePolicy(await loadKafka(), made, once.positions)),
    ]
  } catch (error) {
    return [failure('positions', reasonForError(error, about))]
  } finally {
    await client.close()
  }
}

/** A topic that is not compacted throws positions away in the end, and all logs are delivered again. */
async function examinePolicy(
  kafka: Kafka,
  made: ReturnType<typeof clientOptions>,
  topic: string,
): Promise<readonly Examined[]> {
  const admin = prepared(new kafka.Admin({ ...made, retries: 0 }), made)
  const remedy = `kafka-configs.sh --alter --topic ${topic} --add-config cleanup.policy=compact`
  try {
    const [described] = await admin.describeConfigs({
      resources: [
        {
          resourceType: kafka.ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configurationKeys: ['cleanup.policy'],
        },
      ],
    })
    const policy = described?.configs.find(({ name }) => name === 'cleanup.policy')?.value
    return policy === 'compact'
      ? []
      : [failure('positions', `${topic} forgets positions (cleanup.policy: ${policy})`, remedy)]
  } catch {
    return [
      warning('positions', `nobody may tell msgtrk whether ${topic} is compacted (DESCRIBE_CONFIGS)`, remedy),
    ]
  } finally {
    await admin.close().catch(() => {})
  }
}
