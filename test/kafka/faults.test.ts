/**
 * Three brokers, replication 3 and two replicas in step at least, which fail in one way after the other while the program
 * delivers. kcat reads what is there then: no record is lost, those of a key and file are in order, and what comes twice
 * is counted.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Workplace } from '../support/program.ts'
import { describeKafka } from './broker-program.ts'
import { type Cluster, password } from './cluster.ts'
import { type ClusterAndLogs, clusterWithLogs } from './logs.ts'
import { type Expected, judge } from './oracle.ts'

const rows = 30_000
/** So that there is time to fail in. */
const pace = 3000
/** Of each fault, one after the other. */
const tries = Number(process.env.MSGTRK_KAFKA_TRIES ?? 1)

interface Run {
  readonly topic: string
  /** Resolves when so many records are there. */
  readonly has: (share: number) => Promise<void>
}

interface Fault {
  readonly name: string
  readonly happens: (cluster: Cluster, run: Run) => Promise<void>
  /** Nothing comes twice, since the fate of each batch was found out. */
  readonly isOnce: boolean
  /** Records that were there were removed by the fault itself. */
  readonly removes?: boolean
  /** Signed in as a user. */
  readonly user?: boolean
  /** What the log says of it. */
  readonly says?: RegExp
}

const faults: readonly Fault[] = [
  {
    name: 'the leader is killed',
    isOnce: true,
    happens: async (cluster, { topic, has }) => {
      await has(0.2)
      const leader = await cluster.leaderOf(topic)
      await cluster.kill(leader)
      await has(0.6)
      await cluster.start(leader)
    },
  },
  {
    name: 'two brokers are killed',
    isOnce: true,
    says: /^Destination unavailable/,
    happens: async (cluster, { topic, has }) => {
      await has(0.2)
      const leader = await cluster.leaderOf(topic)
      const other = (leader % 3) + 1
      await Promise.all([cluster.kill(leader), cluster.kill(other)])
      await pause(12_000)
      await Promise.all([cluster.start(leader), cluster.start(other)])
    },
  },
  {
    name: 'a leader stands still',
    isOnce: true,
    happens: async (cluster, { topic, has }) => {
      await has(0.2)
      const leader = await cluster.leaderOf(topic)
      cluster.freeze(leader)
      try {
        await has(0.5)
      } finally {
        cluster.thaw(leader)
      }
    },
  },
  {
    name: 'brokers are restarted one after the other',
    isOnce: true,
    happens: async (cluster, { has }) => {
      await has(0.1)
      for (const id of [1, 2, 3]) {
        await cluster.stop(id)
        await cluster.start(id)
      }
    },
  },
  {
    name: 'the topic is deleted and made again',
    isOnce: true,
    removes: true,
    says: /^Destination unavailable/,
    happens: async (cluster, { topic, has }) => {
      await has(0.3)
      await cluster.admin((admin) => admin.deleteTopics({ topics: [topic] }))
      await pause(3000)
      await cluster.createTopic(topic)
    },
  },
  {
    name: 'the user is taken away',
    isOnce: true,
    user: true,
    says: /^Destination unavailable/,
    happens: async (cluster, { has }) => {
      await has(0.2)
      await cluster.setPassword(null)
      await pause(12_000)
      await cluster.setPassword(password)
    },
  },
]

describeKafka('a topic on three brokers', () => {
  let cluster: Cluster
  let place: Workplace
  let expected: Expected
  let made: ClusterAndLogs | undefined
  beforeAll(async () => {
    made = await clusterWithLogs({ brokers: 3 }, rows)
    ;({ cluster, place, expected } = made)
  })
  afterAll(() => made?.end())

  const cases = faults.flatMap((fault) => Array.from({ length: tries }, (_, index) => ({ ...fault, index })))
  test.each(cases)(
    '$name: nothing is lost, and each key is in order',
    { timeout: 280_000 },
    async (fault) => {
      const topic = `${fault.name.replaceAll(' ', '-')}-${fault.index}`
      await cluster.createTopic(topic)
      const program = place.start('run', '--once', '--config', await configure(topic, fault))
      const has = async (share: number): Promise<void> => {
        while ((await cluster.count(topic)) < share * rows) {
          if (program.child.exitCode !== null) throw new Error(`ended before: ${program.stderr}`)
          await pause(100)
        }
      }
      await fault.happens(cluster, { topic, has })
      const ended = await program.ended
      expect(ended.stderr).not.toMatch(/^\s+at /m)
      expect(ended.code).toBe(0)
      const verdict = judge(expected, await cluster.records(topic))
      const { repeated, rejected, inFlight } = await program.logged('Done')
      console.info(`${fault.name}: ${JSON.stringify({ ...verdict, repeated })}`)
      expect({ rejected, inFlight }).toEqual({ rejected: 0, inFlight: 0 })
      expect(verdict).toMatchObject({ unknown: 0, disordered: 0 })
      if (fault.removes) expect(verdict.lost).toBeLessThan(rows * 0.7)
      else expect(verdict.lost).toBe(0)
      if (fault.isOnce) expect(verdict.twice).toBe(0)
      const { says } = fault
      if (says !== undefined)
        expect(program.log.filter(({ message }) => says.test(message)).length).toBeGreaterThan(0)
    },
  )

  test('killed twice, the program goes on from what was saved', { timeout: 280_000 }, async () => {
    const topic = 'killed'
    await cluster.createTopic(topic)
    const config = await configure(topic, {})
    for (const share of [0.2, 0.5]) {
      const program = place.start('run', '--config', config)
      while ((await cluster.count(topic)) < share * rows) await pause(100)
      expect((await program.stop('SIGKILL')).signal).toBe('SIGKILL')
    }
    expect((await place.start('run', '--once', '--config', config).ended).code).toBe(0)
    const verdict = judge(expected, await cluster.records(topic))
    console.info(`killed: ${JSON.stringify(verdict)}`)
    expect(verdict).toMatchObject({ unknown: 0, disordered: 0, lost: 0 })
    expect(verdict.twice).toBeLessThan(rows / 2)
  })

  async function configure(topic: string, { user = false }: { readonly user?: boolean }): Promise<string> {
    const to = `kafka://${cluster.brokers(user ? 'saslSsl' : 'plaintext')}/${topic}`
    const security = {
      tls: { ca: cluster.files.ca },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference
      sasl: { mechanism: 'scram-sha-512', username: 'msgtrk', password: '${env:KAFKA_SECRET}' },
    }
    process.env.KAFKA_SECRET = password
    const config = {
      state: place.path(`state-${topic}`),
      sources: [{ name: 'EX01', folder: place.path('logs') }],
      destinations: [
        {
          to,
          maxEventsPerSecond: pace,
          kafka: {
            requestTimeoutMs: 5000,
            connectTimeoutMs: 3000,
            compression: 'lz4',
            ...(user && security),
          },
        },
      ],
    }
    return place.write(`${topic}.yaml`, JSON.stringify(config))
  }
})
