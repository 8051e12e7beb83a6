/** What can be told of a topic without writing into it: signing in, the topic, who leads it, what it takes, our rights. */

import { setTimeout as wait } from 'node:timers/promises'
import { pause } from '../../flow/pause.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { clientOptions, loadKafka, prepared } from '../../kafka/client.ts'
import { type About, codeIn, codes, reasonForCode, reasonForError } from '../../kafka/reasons.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { examineCertificate } from '../../network/certificates.ts'
import { formatHostPort } from '../../network/host-port.ts'
import { examineName } from '../../network/names.ts'
import { plain } from '../../network/reasons.ts'
import { aboutTopic, topicClient } from './about.ts'
import { examineOnce } from './examine-once.ts'
import { type KafkaOptions, settingsOf } from './options.ts'
import type { Leaders, TopicClient } from './topic-client.ts'

/** Nothing takes longer than a minute. */
const mostMs = 45_000
const mostPreparingMs = 15_000
const againMs = 250
const preparing: ReadonlySet<number> = new Set([codes.coordinatorLoading, codes.coordinatorMissing])

/** Asks the cluster for all that sending would. */
export async function examineKafka(
  options: KafkaOptions,
  address: TopicAddress,
  signal: AbortSignal,
): Promise<readonly Examined[]> {
  const names = (await Promise.all(address.brokers.map((broker) => examineName(broker)))).flatMap(
    ({ examined }) => examined,
  )
  // One of several that is not known is a pity; that none can be reached is told below.
  const known = names.map((each) => ({
    ...each,
    verdict: each.verdict === 'failure' ? ('warning' as const) : each.verdict,
  }))
  const client = topicClient(options, address)
  const over = new AbortController()
  const late = pause(mostMs, AbortSignal.any([signal, over.signal])).then(() => [
    failure('connection', `the brokers did not tell all that was asked within ${mostMs / 1000} s`),
  ])
  try {
    return [...known, ...(await Promise.race([examineTopic(options, address, client), late]))]
  } finally {
    over.abort()
    void client.close()
  }
}

async function examineTopic(
  options: KafkaOptions,
  address: TopicAddress,
  client: TopicClient,
): Promise<readonly Examined[]> {
  const about = aboutTopic(options, address)
  const examined: Examined[] = []
  try {
    const startedMs = performance.now()
    await client.kafka()
    const ms = Math.round(performance.now() - startedMs)
    examined.push(ok('connection', `${about.brokers} let msgtrk in (${ms} ms)`))
    const leaders = await client.leaders(true)
    const brokers = new Set(leaders.map((leader) => (leader === undefined ? '' : formatHostPort(leader))))
    examined.push(
      ok(
        'topic',
        `${address.topic} has ${leaders.length} partitions, led by ${plain([...brokers].join(', '))}`,
      ),
    )
    const now = Date.now()
    examined.push(...(await client.certificates()).map((certificate) => examineCertificate(certificate, now)))
    if (settingsOf(options).idempotent) await patiently(() => client.producerId())
    examined.push(...(await examineRights(client, leaders, about)))
    examined.push(...(await examineLimit(options, address)))
    const once = options.kafka?.exactlyOnce
    if (once !== undefined) examined.push(...(await examineOnce(options, address, once)))
  } catch (error) {
    examined.push(failure(examined.length === 0 ? 'connection' : 'topic', reasonForError(error, about)))
  }
  return examined
}

/** A cluster that was never asked for one makes ready for it first. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const latestMs = performance.now() + mostPreparingMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!preparing.has(codeIn(error) ?? 0) || performance.now() >= latestMs) throw error
      await wait(againMs)
    }
  }
}

/** Brokers judge rights first, and take nothing in which there is nothing. */
async function examineRights(
  client: TopicClient,
  leaders: Leaders,
  about: About,
): Promise<readonly Examined[]> {
  const partition = leaders.findIndex((leader) => leader !== undefined)
  const leader = leaders[partition]
  if (leader === undefined) return [failure('topic', `nobody leads a partition of the topic ${about.topic}`)]
  const [answer] = await client.produce(leader, [{ partition, batch: Buffer.alloc(0) }])
  switch (answer?.code) {
    case codes.topicRefused:
    case codes.clusterRefused:
      return [failure('rights', reasonForCode(answer.code, answer.name, about))]
    case codes.invalidRecord:
      return [ok('rights', `may write into ${about.topic}; nothing was written`)]
    default:
      return []
  }
}

/** What the topic takes, for those who may ask. */
async function examineLimit(
  options: KafkaOptions,
  { brokers, topic }: TopicAddress,
): Promise<readonly Examined[]> {
  const settings = settingsOf(options)
  const kafka = await loadKafka()
  const made = clientOptions(brokers, settings)
  const admin = prepared(new kafka.Admin({ ...made, retries: 0 }), made)
  try {
    const [described] = await admin.describeConfigs({
      resources: [
        {
          resourceType: kafka.ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configurationKeys: ['max.message.bytes', 'min.insync.replicas'],
        },
      ],
    })
    const configOf = (name: string) => described?.configs.find((config) => config.name === name)?.value
    const most = Number(configOf('max.message.bytes'))
    const least = Number(configOf('min.insync.replicas'))
    return [
      most < settings.maxRequestBytes
        ? ok('limit', `the topic takes batches of ${most} bytes (max.message.bytes): larger ones are divided`)
        : ok('limit', `the topic takes batches of ${most} bytes (max.message.bytes)`),
      least > 1
        ? ok('replicas', `${least} replicas at least have what counts as delivered (min.insync.replicas)`)
        : warning(
            'replicas',
            'a single replica is enough for what counts as delivered (min.insync.replicas: 1): it is lost with its broker',
            'set min.insync.replicas of the topic to 2 or more, and have one replica more than that',
          ),
    ]
  } catch {
    // It takes a right of its own, which msgtrk needs for nothing else.
    return [
      ok('limit', 'nobody may tell msgtrk what the topic takes (DESCRIBE_CONFIGS), and it need not know'),
    ]
  } finally {
    await admin.close().catch(() => {})
  }
}
