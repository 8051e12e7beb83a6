/** docs/scale-out.md, followed step by step: its two configurations as they stand there, but for names of machines. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { Workplace } from '../support/program.ts'
import { until } from '../support/until.ts'
import { classPath, describeKafka } from './broker-program.ts'
import { type Cluster, password, startCluster } from './cluster.ts'

const run = promisify(execFile)
const page = path.join(import.meta.dirname, '../../docs/scale-out.md')

describeKafka('scaling out, as its page tells', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.end())

  it('a forwarder and two mappers deliver every row of a log', async () => {
    const place = await Workplace.open(onTestFinished)
    const siem = await place.collect()
    const text = await readFile(page, 'utf8')
    const [forwarder = '', mapper = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, yaml = '']) => yaml,
    )
    const here = (yaml: string, state: string) =>
      yaml
        .replace('/var/lib/msgtrk', place.path(state))
        .replace('/mnt/EX01', place.path('EX01'))
        .replace(/kafka:\/\/[^/]+\//, `kafka://${cluster.brokers('saslSsl')}/`)
        .replace('/etc/msgtrk/kafka-ca.pem', cluster.files.ca)
        .replace(/msgtrk-(?:forwarder|mapper), password/, 'msgtrk, password')
        .replace('/etc/msgtrk/kafka.secret', place.path('kafka.secret'))
        .replace('tls://siem.example.com:6514', siem.url)
    await place.write('kafka.secret', password)
    await place.simulate('EX01', 5_000)

    // 1. The topic, with as many replicas as there are brokers here.
    const [, command = ''] = /kafka-topics\.sh ([\s\S]*?)\n\s*```/.exec(text) ?? []
    const args = command
      .replace(/\\\n/g, ' ')
      .replace('kafka1.example.com:9092', cluster.brokers())
      .replace('--replication-factor 3', '--replication-factor 1')
      .replace('min.insync.replicas=2', 'min.insync.replicas=1')
      .trim()
      .split(/\s+/)
    await run('java', ['-cp', classPath, 'org.apache.kafka.tools.TopicCommand', ...args])

    // 3. and 4. Does it work, and then the mappers first.
    const files = {
      forwarder: await place.write('forwarder.yaml', here(forwarder, 'forwarder')),
      first: await place.write('first.yaml', here(mapper, 'first')),
      second: await place.write('second.yaml', here(mapper, 'second')),
    }
    for (const file of [files.forwarder, files.first]) {
      // Brokers that have just been started have to find their own topics first.
      await until(async () => {
        const { stdout } = await place.run('check', file, '--live')
        return !/^ {2}failure/m.test(stdout.toString())
      })
    }
    const mappers = [
      place.start('run', '--config', files.first),
      place.start('run', '--config', files.second),
    ]
    for (const one of mappers) await one.logged('The partitions of a topic that are read here have changed')
    expect((await place.run('run', '--once', '--config', files.forwarder)).code).toBe(0)
    await siem.has(5_000)

    // 5. How it fares, once all is committed.
    const behind = async () => {
      const all = await Promise.all(
        ['first', 'second'].map(async (state) => {
          const { stdout } = await place.run('status', '--state', place.path(state), '--json')
          return JSON.parse(stdout.toString()).destinations[0].backlog.sources[0].partitions
        }),
      )
      return all
    }
    await until(async () => {
      const all = await behind()
      return (
        all.flat().length === 24 && all.flat().every(({ messages }: { messages: number }) => messages === 0)
      )
    })
    for (const one of mappers) expect((await one.stop()).code).toBe(0)
    expect(siem.incorrect).toEqual([])
  })
})
