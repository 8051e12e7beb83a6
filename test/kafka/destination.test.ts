/** A topic as a destination, on one real broker; kcat, which nobody here wrote, reads what came. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { kafka as kind } from '../../src/destinations/kafka/kind.ts'
import { defaultKafka } from '../../src/destinations/kafka/options.ts'
import { partitionOf } from '../../src/destinations/kafka/partition.ts'
import type { Positions } from '../../src/flow/chunk.ts'
import type { Destination, Outcome } from '../../src/flow/delivery.ts'
import type { TopicAddress } from '../../src/kafka/address.ts'
import { batchOf, destinationTo, type Event } from './batches.ts'
import { describeKafka } from './broker-program.ts'
import { type Cluster, password, startCluster, unsignedToken } from './cluster.ts'

describeKafka('a destination in a topic', () => {
  let cluster: Cluster
  let topics = 0
  beforeAll(async () => {
    cluster = await startCluster({ properties: { 'connections.max.idle.ms': '2000' } })
  })
  afterAll(() => cluster?.end())

  async function newTopic(configs: Readonly<Record<string, string>> = {}, partitions = 3): Promise<string> {
    const topic = `topic-${++topics}`
    await cluster.createTopic(topic, { configs, partitions })
    return topic
  }

  function open(
    topic: string,
    settings: Readonly<Record<string, unknown>> = {},
    listener?: 'ssl' | 'saslSsl',
  ) {
    const made = destinationTo(`kafka://${cluster.brokers(listener)}/${topic}`, settings)
    onTestFinished(() => made.destination.close())
    return made
  }

  async function sent(
    destination: Destination,
    ...batches: (readonly Event[])[]
  ): Promise<readonly Outcome[]> {
    const outcomes: Promise<Outcome>[] = []
    for (const [index, events] of batches.entries()) {
      const { outcome } = await destination.send(batchOf(events, { start: 1000 * index }))
      outcomes.push(outcome)
    }
    return Promise.all(outcomes)
  }

  const delivered: Outcome = { status: 'delivered' }
  const eventsOf = (count: number, size = 20): readonly Event[] =>
    Array.from({ length: count }, (_, index) => ({
      text: `CEF:0|${index}|`.padEnd(size, '.'),
      key: `mail-${index % 7}`,
    }))

  it('writes events with key and headers, in order for each key', async () => {
    const topic = await newTopic()
    const { destination, log } = open(topic)
    expect(await destination.connect?.()).toBeNull()
    const events = eventsOf(500)
    expect(await sent(destination, events, eventsOf(3))).toEqual([delivered, delivered])
    const records = await cluster.records(topic)
    expect(records).toHaveLength(503)
    for (const key of new Set(events.map(({ key }) => key))) {
      const ofKey = records.filter((record) => record.key === key)
      const expected = [...events, ...eventsOf(3)].filter((event) => event.key === key)
      expect(ofKey.map(({ value }) => value)).toEqual(expected.map(({ text }) => text))
      const partitions = new Set(ofKey.map(({ partition }) => partition))
      expect([...partitions]).toEqual([partitionOf(Buffer.from(key ?? ''), 0, 6, 3)])
    }
    const [first] = records.filter(({ value }) => value.startsWith('CEF:0|4|'))
    expect(first?.headers).toEqual({ server: 'EX01', file: 'MSGTRK.LOG', offset: '400' })
    expect(log.lines).toEqual(['info: Destination ready'])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'writes records under %s, which kcat reads',
    async (compression) => {
      const topic = await newTopic()
      const { destination } = open(topic, { compression })
      expect(await sent(destination, eventsOf(200, 300))).toEqual([delivered])
      expect(await cluster.records(topic)).toHaveLength(200)
    },
  )

  it('goes to one partition after the other without keys, batch by batch', async () => {
    const topic = await newTopic()
    const { destination } = open(topic, { key: 'none' })
    await sent(destination, eventsOf(5), eventsOf(5), eventsOf(5))
    const records = await cluster.records(topic)
    expect(records.map(({ key }) => key)).toEqual(Array(15).fill(null))
    expect([0, 1, 2].map((partition) => records.filter((one) => one.partition === partition).length)).toEqual(
      [5, 5, 5],
    )
  })

  it('divides what the topic does not take, and rejects only an event that is too large by itself', async () => {
    const topic = await newTopic({ 'max.message.bytes': '3000' }, 1)
    const { destination } = open(topic)
    const events = eventsOf(100, 300).map((event, index) =>
      index === 42 ? { text: 'CEF:0|42|'.padEnd(4000, '!'), key: 'mail-0' } : event,
    )
    const [outcome] = await sent(destination, events)
    expect(outcome).toEqual({
      status: 'delivered',
      except: [
        {
          reason: `the event is larger than the topic ${topic} takes (max.message.bytes)`,
          line: Uint8Array.from(Buffer.from('CEF:0|42|'.padEnd(4000, '!'))),
        },
      ],
    })
    const values = (await cluster.records(topic)).map(({ value }) => value)
    expect(values).toEqual(events.filter((_, index) => index !== 42).map(({ text }) => text))
    // It has learnt what the topic takes, and is in order still.
    expect(await sent(destination, eventsOf(50, 300))).toEqual([delivered])
    expect(await cluster.records(topic)).toHaveLength(149)
  })

  it('rejects what is larger than a request of its own, and keeps to that size', async () => {
    const topic = await newTopic({}, 1)
    const { destination } = open(topic, { maxRequestBytes: 16_384 })
    const events = [...eventsOf(200, 300), { text: 'x'.repeat(20_000) }, ...eventsOf(5)]
    const [outcome] = await sent(destination, events)
    expect(outcome).toMatchObject({
      except: [{ reason: 'the event is larger than kafka.maxRequestBytes, 16384 bytes' }],
    })
    expect(await cluster.records(topic)).toHaveLength(205)
  })

  it('is unavailable, loud and at once, without its topic, and goes on when that is there', async () => {
    const topic = `missing-${++topics}`
    const { destination, log } = open(topic)
    expect(await sent(destination, eventsOf(1))).toEqual([
      {
        status: 'unavailable',
        reason: expect.stringMatching(/^there is no topic missing-\d+: create it/),
        unsent: true,
      },
    ])
    expect(log.lines).toEqual(['error: Destination unavailable; delivery goes on when it is back'])
    await cluster.createTopic(topic)
    expect(await sent(destination, eventsOf(1))).toEqual([delivered])
    expect(log.lines.at(-1)).toBe('info: Delivering again')
  })

  it('says of mails only whose they are: they stand in no file', async () => {
    const topic = await newTopic()
    const { destination } = destinationTo(`kafka://${cluster.brokers()}/${topic}`, {}, { records: 'mail' })
    onTestFinished(() => destination.close())
    expect(await sent(destination, eventsOf(1))).toEqual([delivered])
    const [record] = await cluster.records(topic)
    expect(record).toMatchObject({ key: 'mail-0', headers: { server: 'EX01' } })
    expect(Object.keys(record?.headers ?? {})).toEqual(['server'])
  })

  it('says so when its topic is deleted and made again: what was in it is gone', async () => {
    const topic = await newTopic()
    const { destination, log } = open(topic)
    expect(await sent(destination, eventsOf(5))).toEqual([delivered])
    await cluster.admin((admin) => admin.deleteTopics({ topics: [topic] }))
    const second = sent(destination, eventsOf(5), eventsOf(5))
    await cluster.createTopic(topic)
    expect(await second).toEqual([delivered, delivered])
    // One that goes through unnoticed is seen with the next look at who leads.
    expect(await destination.connect?.()).toBeNull()
    expect(
      log.lines.filter((line) => /^error: The topic was deleted and made again/.test(line)),
    ).toHaveLength(1)
  })

  it('is unavailable, loud, without the right to write, and writes nothing', async () => {
    const topic = await newTopic()
    const tls = { ca: cluster.files.ca }
    const sasl = { mechanism: 'plain', username: 'msgtrk', password }
    const { destination, log } = open(topic, { tls, sasl }, 'saslSsl')
    expect(await sent(destination, eventsOf(1))).toEqual([delivered])
    await cluster.deny('msgtrk', topic)
    const [refused] = await sent(destination, eventsOf(1))
    expect(refused).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/^the user msgtrk has no right to write into the topic/),
    })
    expect(log.lines.at(-1)).toMatch(/^error: /)
    const { examined } = await examine(topic, { tls, sasl }, 'saslSsl')
    expect(examined).toContainEqual(
      expect.stringMatching(/^failure rights: the user msgtrk has no right to write/),
    )
    await cluster.allow('msgtrk', topic)
    expect(await sent(destination, eventsOf(1))).toEqual([delivered])
    expect(await cluster.records(topic)).toHaveLength(2)
  })

  it('stays signed in when sessions end, by what stands in the file of the token then', async () => {
    const topic = await newTopic()
    const tokenFile = path.join(path.dirname(cluster.files.ca), 'session-token')
    await writeFile(tokenFile, unsignedToken())
    const sasl = { mechanism: 'oauthbearer', tokenFile }
    const { destination, log } = open(topic, { tls: { ca: cluster.files.ca }, sasl }, 'saslSsl')
    // Sessions last six seconds.
    const until = Date.now() + 15_000
    let count = 0
    while (Date.now() < until) {
      const { outcome } = await destination.send(batchOf(eventsOf(10)))
      expect(await outcome).toEqual(delivered)
      count += 10
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(await cluster.records(topic)).toHaveLength(count)
    expect(log.lines).toEqual(['info: Destination ready'])
  })

  it.each([
    ['msgtrk', 1000],
    ['the broker', 180_000],
  ])('goes on after connections that were idle too long for %s', async (_, idleMs) => {
    const topic = await newTopic()
    const { destination, log } = open(topic, { idleMs })
    expect(await sent(destination, eventsOf(10))).toEqual([delivered])
    // Brokers close connections after two seconds.
    await new Promise((resolve) => setTimeout(resolve, 4000))
    expect(await sent(destination, eventsOf(10))).toEqual([delivered])
    expect(await cluster.records(topic)).toHaveLength(20)
    expect(log.lines).toEqual(['info: Destination ready'])
  })

  it('rows of format: raw go together under their header, by the key of their file', async () => {
    const topic = await newTopic()
    const { destination } = open(topic, { key: 'file' })
    const layout = { columns: ['date-time', 'event-id'], version: '15.01', header: Buffer.from('') }
    const events = Array.from({ length: 2000 }, (_, index) => ({
      text: `${index},SEND`.padEnd(98, 'x').concat('\r\n'),
    }))
    const { outcome } = await destination.send(batchOf(events, { layout }))
    expect(await outcome).toEqual(delivered)
    const records = await cluster.records(topic)
    expect(records.length).toBeLessThan(10)
    expect(records.map(({ value }) => value).join('')).toBe(events.map(({ text }) => text).join(''))
    expect(new Set(records.map(({ key }) => key))).toEqual(new Set(['EX01|MSGTRK.LOG']))
    expect(records[0]?.headers).toEqual({
      server: 'EX01',
      file: 'MSGTRK.LOG',
      fields: expect.stringMatching(/#Fields: date-time,event-id\r\n$/),
      offset: '0',
    })
    expect(Number(records[1]?.headers.offset) % 100).toBe(0)
  })

  it('ends in time, and what was under way is unavailable', async () => {
    const topic = await newTopic()
    const { destination } = open(topic)
    expect(await sent(destination, eventsOf(1))).toEqual([delivered])
    cluster.freeze(1)
    const { outcome } = await destination.send(batchOf(eventsOf(10)))
    const startedMs = performance.now()
    await destination.close()
    expect(performance.now() - startedMs).toBeLessThan(20_000)
    cluster.thaw(1)
    expect(await outcome).toEqual({
      status: 'unavailable',
      reason: 'the destination is closed',
      unsent: false,
    })
    expect(await (await destination.send(batchOf(eventsOf(1)))).outcome).toMatchObject({
      status: 'unavailable',
    })
  })

  async function examine(
    topic: string,
    settings: Readonly<Record<string, unknown>>,
    listener?: 'ssl' | 'saslSsl',
  ) {
    const address = kind.readAddress(`${cluster.brokers(listener)}/${topic}`) as TopicAddress
    const options = { name: 'topic', to: '', kafka: { ...defaultKafka, ...settings } }
    const seen = await kind.examine(options, address, new AbortController().signal)
    return { examined: seen.map(({ verdict, part, message }) => `${verdict} ${part}: ${message}`) }
  }

  it('tells by check --live of the topic, its limits and rights, and writes nothing', async () => {
    const topic = await newTopic({ 'max.message.bytes': '3000' })
    const { ca, cert, key } = cluster.files
    const { examined } = await examine(topic, { tls: { ca, cert, key } }, 'ssl')
    expect(examined).toEqual([
      expect.stringMatching(/^ok connection: 127\.0\.0\.1:\d+ let msgtrk in/),
      expect.stringMatching(/^ok topic: topic-\d+ has 3 partitions, led by 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^warning certificate: CN=broker: valid until/),
      `ok rights: may write into ${topic}; nothing was written`,
      'ok limit: the topic takes batches of 3000 bytes (max.message.bytes): larger ones are divided',
      expect.stringMatching(/^warning replicas: a single replica/),
    ])
    expect(await cluster.records(topic)).toEqual([])
    expect((await examine('nowhere', {})).examined.at(-1)).toMatch(
      /^failure topic: there is no topic nowhere/,
    )
  })

  it('tells by check --live what keeps positions, and ends no session', async () => {
    const topic = await newTopic()
    expect(await sent(open(topic).destination, eventsOf(1))).toEqual([delivered])
    const exactlyOnce = { id: 'hub', positions: `${topic}-positions`, commitMs: 50 }
    expect((await examine(topic, { exactlyOnce })).examined.at(-1)).toMatch(
      /^failure positions: there is no topic \S+-positions: create it, check the name in kafka\.exactlyOnce\.positions, or/,
    )
    await cluster.createTopic(exactlyOnce.positions, { partitions: 1 })
    expect((await examine(topic, { exactlyOnce })).examined.slice(-2)).toEqual([
      `ok positions: 0 under the id hub in ${exactlyOnce.positions}`,
      `failure positions: ${exactlyOnce.positions} forgets positions (cleanup.policy: delete)`,
    ])
    exactlyOnce.positions = `${topic}-compacted`
    await cluster.createTopic(exactlyOnce.positions, {
      partitions: 1,
      configs: { 'cleanup.policy': 'compact' },
    })
    const { destination } = open(topic, { exactlyOnce })
    const saved = { positions: new Map(), isCopy: null, underNewNames: (positions: Positions) => positions }
    await destination.ownPositions?.load(saved, new AbortController().signal)
    expect(await sent(destination, eventsOf(5))).toEqual([delivered])
    expect((await examine(topic, { exactlyOnce })).examined.at(-1)).toMatch(
      /^ok positions: 1 under the id hub in \S+, by \S+ since 2/,
    )
    expect(await sent(destination, eventsOf(5))).toEqual([delivered])
  })
})
