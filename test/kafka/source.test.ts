/** A topic of raw rows as a source, against a real broker. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { prepared } from '../../src/kafka/client.ts'
import { Collector } from '../support/collector.ts'
import { RunningInstance } from '../support/instance.ts'
import { Workplace } from '../support/program.ts'
import { until } from '../support/until.ts'
import { describeKafka } from './broker-program.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { Forwarder, fields, row, rowOf } from './raw-topic.ts'

describeKafka('a topic as a source', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.end())

  async function forwarderFor(topic: string, partitions = 3): Promise<Forwarder> {
    await cluster.createTopic(topic, { partitions })
    const forwarder = new Forwarder(cluster, topic)
    onTestFinished(() => forwarder.close())
    return forwarder
  }

  async function collector(): Promise<Collector> {
    const made = await Collector.listen({})
    onTestFinished(() => made.close())
    return made
  }

  function config(topic: string, to: string, more = '', kafka = '{}'): string {
    return `
state: state
sources:
  - { name: raw, from: "kafka://${cluster.brokers()}/${topic}", kafka: ${kafka}${more} }
destinations:
  - { name: siem, to: "${to}", confirm: write }
`
  }

  it('delivers its rows, and commits what is settled, so that another start goes on there', async () => {
    const forwarder = await forwarderFor('raw-1')
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    await forwarder.write('one', 300)
    await forwarder.write('two', 200)
    const first = await RunningInstance.start(place, onTestFinished, config('raw-1', siem.url))
    await siem.has(500)
    expect(await first.stop()).toBe(0)
    await forwarder.write('one', 100)
    const second = await RunningInstance.start(place, onTestFinished, config('raw-1', siem.url))
    await siem.has(600)
    expect(await second.stop()).toBe(0)
    expect(siem.frames).toHaveLength(600)
    expect(siem.incorrect).toEqual([])
    for (const name of ['one', 'two']) {
      const numbers = siem.frames.map(rowOf).flatMap((seen) => (seen?.file === name ? [seen.number] : []))
      expect(numbers).toEqual(Array.from({ length: forwarder.written.get(name) ?? 0 }, (_, index) => index))
    }
    const groups = await cluster.admin((admin) => admin.listGroups())
    expect([...groups.keys()]).toContain('msgtrk.raw-1.siem')
  })

  it('notes messages that hold no rows in the dead letters, with where they stand', async () => {
    const forwarder = await forwarderFor('raw-2', 1)
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    await forwarder.write('one', 10)
    await forwarder.writeMessage('a,b,c\n', {})
    await forwarder.writeMessage('torn,row\n', {
      fields,
      server: 'EX02',
      file: 'D:\\MSGTRK2.LOG',
      offset: '77',
    })
    await forwarder.writeMessage('', { fields })
    await forwarder.write('one', 10)
    const running = await RunningInstance.start(place, onTestFinished, config('raw-2', siem.url))
    await siem.has(20)
    await running.stop()
    const letters = (await readFile(place.path('state/siem/dead-letters.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(letters.map(({ file, offset, reason, line }) => [file, offset, reason, line])).toEqual([
      [
        'raw-2/0',
        0,
        expect.stringMatching(/no header "fields".*\(message 1 of partition 0 of topic raw-2\)$/),
        'a,b,c\n',
      ],
      [
        'D:\\MSGTRK2.LOG',
        77,
        expect.stringMatching(/\(message 2 of partition 0 of topic raw-2 from EX02\)$/),
        'torn,row',
      ],
      ['raw-2/0', 0, expect.stringMatching(/empty/), ''],
    ])
  })

  it('begins at the end where it is told to, and there also when it is started again before anything came', async () => {
    const forwarder = await forwarderFor('raw-3', 2)
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    await forwarder.write('one', 30)
    await forwarder.write('two', 30)
    const atEnd = config('raw-3', siem.url, ', startAt: end')
    const first = await RunningInstance.start(place, onTestFinished, atEnd)
    await until(() => first.instance.pipelines[0]?.source.told('raw')?.partitions.length === 2)
    await first.stop()
    // Nobody reads while these come.
    await forwarder.write('one', 10)
    const second = await RunningInstance.start(place, onTestFinished, atEnd)
    await forwarder.write('two', 10)
    await siem.has(20)
    await second.stop()
    expect(siem.frames.map(rowOf).map((seen) => seen?.number)).toEqual(expect.arrayContaining([30, 39]))
    expect(siem.frames).toHaveLength(20)
  })

  it('tells how many messages were deleted before they were read, and goes on behind them', async () => {
    const forwarder = await forwarderFor('raw-4', 1)
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    await forwarder.write('one', 20, 1)
    const first = await RunningInstance.start(place, onTestFinished, config('raw-4', siem.url))
    await siem.has(20)
    await first.stop()
    await forwarder.write('one', 20, 1)
    await cluster.admin((admin) =>
      admin.deleteRecords({ topics: [{ name: 'raw-4', partitions: [{ partition: 0, offset: 30n }] }] }),
    )
    const second = await RunningInstance.start(place, onTestFinished, config('raw-4', siem.url))
    await siem.has(30)
    const [said] = second.said('error Messages of a topic were deleted before they were read')
    expect(said).toMatch(/"partition":0,"message":20,"messages":10/)
    await until(async () => {
      const { destinations } = await second.instance.status()
      return destinations[0]?.backlog.sources[0]?.partitions?.[0]?.messages === 0
    })
    expect((await second.instance.status()).findings.map(({ kind }) => kind)).toContain('dataLost')
    await second.stop()
  })

  it('ends by itself where it is to deliver once what is there', async () => {
    const forwarder = await forwarderFor('raw-5')
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    await forwarder.write('one', 70)
    await forwarder.write('two', 70)
    const file = await place.write('once.yaml', config('raw-5', siem.url))
    expect((await place.run('run', '--once', '--config', file)).code).toBe(0)
    expect(siem.frames).toHaveLength(140)
    const live = await place.run('check', '--live', '--config', file)
    expect(live.stdout.toString()).toMatch(
      /raw-5 has 3 partitions[\s\S]*msgtrk\.raw-5\.siem is 0 messages behind/,
    )
  })

  it('is not read as long as it is not there, and said so once', async () => {
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    const running = await RunningInstance.start(place, onTestFinished, config('raw-6', siem.url))
    await until(() => running.said('error The topic of a source can not be read').length > 0)
    const forwarder = await forwarderFor('raw-6')
    await forwarder.write('one', 10)
    await siem.has(10)
    expect(running.said('error')).toEqual([expect.stringMatching(/there is no topic raw-6/)])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads what kcat has packed by %s', async (codec) => {
    const topic = `packed-${codec}`
    await cluster.createTopic(topic, { partitions: 1 })
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    const values = await Promise.all(
      [0, 1].map((part) => {
        const rows = Array.from({ length: 200 }, (_, index) => row('one', part * 200 + index)).join('')
        return place.write(`value-${part}`, rows)
      }),
    )
    const headers = [`fields=${fields}`, 'server=EX01', 'file=one.LOG', 'offset=0'].flatMap((one) => [
      '-H',
      one,
    ])
    const args = ['-P', '-b', cluster.brokers(), '-t', topic, '-z', codec, ...headers, ...values]
    await promisify(execFile)('kcat', args, { timeout: 30_000 })
    const instance = await RunningInstance.start(place, onTestFinished, config(topic, siem.url))
    await siem.has(400)
    expect(await instance.stop()).toBe(0)
    expect(siem.frames.map(rowOf).map((seen) => seen?.number)).toEqual(
      Array.from({ length: 400 }, (_, index) => index),
    )
  })

  it('gives no rows of transactions that were aborted, however many of one producer', async () => {
    await cluster.createTopic('aborted', { partitions: 1 })
    const [siem, place] = [await collector(), await Workplace.open(onTestFinished)]
    const options = {
      clientId: 'other',
      bootstrapBrokers: cluster.brokers().split(','),
      retries: 60,
      retryDelay: 250,
    }
    const producer = prepared(new Producer({ ...options, transactionalId: 'other', idempotent: true }), {})
    onTestFinished(() => producer.close())
    const headers = new Map([[Buffer.from('fields'), Buffer.from(fields)]])
    for (let number = 0; number < 8; number++) {
      const transaction = await producer.beginTransaction()
      const value = Buffer.from(row('one', number))
      await transaction.send({ messages: [{ topic: 'aborted', key: Buffer.from('one'), value, headers }] })
      await (number % 3 === 0 ? transaction.commit() : transaction.abort())
    }
    const instance = await RunningInstance.start(place, onTestFinished, config('aborted', siem.url))
    await siem.has(3)
    await instance.stop()
    expect(siem.frames.map(rowOf).map((seen) => seen?.number)).toEqual([0, 3, 6])
  })
})
