/**
 * Exactly once: whatever happens, a reader of what is committed finds each record once. kcat is that reader, and knows nothing
 * of us.
 */
import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { Session } from '../../src/destinations/kafka/session.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Positions } from '../../src/flow/chunk.ts'
import type { SavedPositions, WriteLetters } from '../../src/flow/delivery.ts'
import type { Program, Workplace } from '../support/program.ts'
import { batchOf, destinationTo } from './batches.ts'
import { describeKafka } from './broker-program.ts'
import type { Cluster } from './cluster.ts'
import { type ClusterAndLogs, clusterWithLogs } from './logs.ts'
import { type Expected, expectedIn, judge } from './oracle.ts'

const rows = Number(process.env.MSGTRK_KAFKA_ROWS ?? 16_000)
const pace = 4000
/** Of rows that are written while instances are killed, and how long each of these lives, about. */
const rate = 2500
const livedMs = 1200
const kills = Number(process.env.MSGTRK_KAFKA_KILLS ?? 4)
const brokers = process.env.MSGTRK_KAFKA_BROKERS === '3' ? 3 : 1
const tries = Number(process.env.MSGTRK_KAFKA_TRIES ?? 1)
const each = Array.from({ length: tries }, (_, index) => index)

const nothingSaved: SavedPositions = {
  positions: new Map(),
  isCopy: null,
  underNewNames: (positions) => positions,
}

const once = { lost: 0, twice: 0, unknown: 0, disordered: 0 }

describeKafka('a topic that has each event exactly once', () => {
  let cluster: Cluster
  let place: Workplace
  let expected: Expected
  let made: ClusterAndLogs | undefined
  beforeAll(async () => {
    made = await clusterWithLogs({ brokers }, rows)
    ;({ cluster, place, expected } = made)
  })
  afterAll(() => made?.end())

  interface Setup {
    readonly topic: string
    readonly state?: string
    readonly logs?: string
    readonly isOnce?: boolean
    readonly eventsPerSecond?: number | undefined
  }

  /** A configuration; the topic and that of its positions are made for the first one. */
  async function configure({
    topic,
    state = topic,
    logs = 'logs',
    isOnce = true,
    eventsPerSecond = pace,
  }: Setup): Promise<string> {
    const exactlyOnce = { id: topic, positions: `${topic}-positions` }
    const config = {
      state: place.path(`state-${state}`),
      sources: [{ name: 'EX01', folder: place.path(logs) }],
      destinations: [
        {
          name: 'hub',
          to: `kafka://${cluster.brokers()}/${topic}`,
          maxEventsPerSecond: eventsPerSecond,
          kafka: { requestTimeoutMs: 3000, connectTimeoutMs: 3000, ...(isOnce && { exactlyOnce }) },
        },
      ],
    }
    return place.write(`${state}-${isOnce}.yaml`, JSON.stringify(config))
  }

  async function topics(topic: string): Promise<string> {
    await cluster.createTopic(topic)
    await cluster.createTopic(`${topic}-positions`, {
      partitions: 1,
      configs: { 'cleanup.policy': 'compact' },
    })
    return topic
  }

  async function finish(config: string): Promise<Program> {
    const program = place.start('run', '--once', '--config', config)
    onTestFinished(async () => void program.child.kill('SIGKILL'))
    const { code, stderr } = await program.ended
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(0)
    return program
  }

  async function has(topic: string, share: number): Promise<void> {
    while ((await cluster.count(topic)) < share * rows) await pause(50)
  }

  async function verdict(name: string, topic: string, all = expected) {
    const found = judge(all, await cluster.records(topic))
    const uncommitted = judge(all, await cluster.records(topic, 'read_uncommitted'))
    console.info(`${name}: ${JSON.stringify({ ...found, 'twice, uncommitted': uncommitted.twice })}`)
    return found
  }

  test.each(each)('killed again and again', { timeout: 280_000 }, async (index) => {
    const topic = await topics(`killed-${index}`)
    const config = await configure({ topic, logs: topic, eventsPerSecond: undefined })
    // Rows come all the while, so that there is always a transaction that is open, or has just been committed.
    const writing = place.simulate(topic, kills * livedMs * (rate / 1000), { rate })
    for (let kill = 1; kill <= kills; kill++) {
      const program = place.start('run', '--config', config)
      await program.logged('Destination ready')
      await pause(livedMs * (0.3 + Math.random()))
      expect((await program.stop('SIGKILL')).signal).toBe('SIGKILL')
    }
    await writing
    await finish(config)
    expect(await verdict(`killed ${kills} times`, topic, await expectedIn(place, topic))).toEqual(once)
  })

  test.each(each)(
    'two instances with one id: the former one stops, loud, and tries nothing',
    { timeout: 280_000 },
    async (index) => {
      const topic = await topics(`two-${index}`)
      const first = place.start('run', '--config', await configure({ topic, state: `${topic}-first` }))
      onTestFinished(async () => void first.child.kill('SIGKILL'))
      await has(topic, 0.2)
      const other = await configure({ topic, state: `${topic}-second` })
      await finish(other)
      const held = await first.logged('Another instance delivers in place of this one, which stops')
      expect(held).toMatchObject({ level: 'error', remedy: expect.stringMatching(/msgtrk resume hub/) })
      const { destinations } = await place.status(`state-${topic}-first`)
      expect(destinations[0]).toMatchObject({
        state: 'paused',
        pausedBy: expect.stringMatching(/^msgtrk itself/),
      })
      await first.stop()
      expect(first.log.filter(({ message }) => message.startsWith('Another instance'))).toHaveLength(1)
      expect(await verdict('two instances', topic)).toEqual(once)
    },
  )

  test.each(each)('brokers that stand still, and are killed', { timeout: 280_000 }, async (index) => {
    const topic = await topics(`broker-${index}`)
    const config = await configure({ topic })
    const ended = finish(config)
    await has(topic, 0.2)
    const leader = await cluster.leaderOf(`${topic}-positions`)
    cluster.freeze(leader)
    await pause(5000)
    cluster.thaw(leader)
    await has(topic, 0.6)
    const killed = await cluster.leaderOf(topic)
    await cluster.kill(killed)
    await cluster.start(killed)
    await ended
    expect(await verdict('brokers frozen and killed', topic)).toEqual(once)
  })

  test('an answer to the commit that got lost, a batch in parts, and what is too large', async () => {
    const topic = await topics('in-parts')
    const exactlyOnce = { id: topic, positions: `${topic}-positions`, commitMs: 50 }
    const open = () => {
      const { destination } = destinationTo(`kafka://${cluster.brokers()}/${topic}`, { exactlyOnce })
      onTestFinished(() => destination.close())
      const load = async () => {
        const found = await destination.ownPositions?.load(nothingSaved, new AbortController().signal)
        return found instanceof Map ? [...found.values()].map(({ offset }) => offset) : found
      }
      return { destination, load }
    }
    const { destination, load } = open()
    const events = [1, 2, 3].map((number) => ({ text: `CEF:0|${number}|`, key: 'mail' }))
    const send = async (batch: Batch, writeLetters?: WriteLetters) =>
      (await destination.send(batch, writeLetters)).outcome
    expect(await send(batchOf(events))).toMatchObject({ status: 'unavailable' })
    expect(await load()).toEqual([])
    // Committed, but nobody heard of it.
    const { commit } = Session.prototype
    const lost = vi.spyOn(Session.prototype, 'commit').mockImplementationOnce(async function (
      this: Session,
      signal,
    ) {
      await commit.call(this, signal)
      throw new Error('connection closed')
    })
    onTestFinished(() => void lost.mockRestore())
    expect(await send(batchOf(events))).toMatchObject({ status: 'unavailable', unsent: true })
    expect(await load()).toEqual([300])
    // Nothing counts before all of it is there; letters are on disk by then.
    const letters: unknown[] = []
    const whole = batchOf(events, { start: 300 })
    const part = send({ ...whole, isPart: true })
    const large = { text: 'x'.repeat(2_000_000), key: 'mail' }
    const rest = send(batchOf([large, ...events], { start: 300 }), async (outcome) => {
      expect(await openPositions(topic)).toEqual([300])
      return letters.push(outcome) > 0
    })
    expect(await part).toEqual({ status: 'delivered' })
    expect(await rest).toMatchObject({
      status: 'delivered',
      except: [{ reason: expect.stringMatching(/larger than/) }],
    })
    expect(letters).toHaveLength(1)
    // Its time is over in the midst of a batch: it is committed with the last part, before those of the next one come.
    const next = batchOf(events, { start: 700 })
    const begun = send({ ...next, isPart: true })
    await pause(3 * exactlyOnce.commitMs)
    const ended = send(next)
    const unfinished = send({ ...batchOf(events, { start: 1000 }), isPart: true })
    expect(await Promise.all([begun, ended])).toEqual([{ status: 'delivered' }, { status: 'delivered' }])
    expect(await unfinished).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/^a row was left/),
    })
    expect(await load()).toEqual([1000])
    // Only filtered rows: the position moves all the same. And letters that can't be written hold it back.
    expect(await send(batchOf([], { start: 900 }))).toEqual({ status: 'delivered' })
    expect(await send(batchOf(events, { start: 900 }), async () => false)).toMatchObject({
      status: 'unavailable',
    })
    expect(await load()).toEqual([900])
    // Another one takes over, and this one gives way, until it is to take over itself.
    const other = open()
    expect(await other.load()).toEqual([900])
    expect(await send(batchOf(events, { start: 900 }))).toMatchObject({ status: 'unavailable' })
    expect(await load()).toMatchObject({
      status: 'superseded',
      reason: expect.stringMatching(/under the id in-parts now/),
    })
    expect(await (await other.destination.send(batchOf(events, { start: 900 }))).outcome).toEqual({
      status: 'delivered',
    })
    await other.destination.close()
    expect(await load()).toEqual([1200])
    // A source has another name: the topic has its positions under that one alone.
    const underNewNames = (positions: Positions): Positions =>
      new Map(
        [...positions.values()].map((one) => [`new ${one.fileId}`, { ...one, fileId: `new ${one.fileId}` }]),
      )
    const renamed = { ...nothingSaved, isCopy: true, underNewNames }
    await destination.ownPositions?.load(renamed, new AbortController().signal)
    const left = (await cluster.records(exactlyOnce.positions)).filter(({ key }) => key?.includes('file'))
    expect(left.slice(-2).map(({ key, value }) => [JSON.parse(key ?? '').file, value])).toEqual([
      ['new EX01|MSGTRK.LOG', '{"offset":1200,"header":0}'],
      ['EX01|MSGTRK.LOG', null],
    ])
    // Letters that nobody writes hold up no end.
    const stuck = send(batchOf(events, { start: 1200 }), () => new Promise(() => {}))
    await pause(3 * exactlyOnce.commitMs)
    await destination.close()
    expect(await stuck).toMatchObject({ status: 'unavailable' })
    expect(await cluster.records(topic)).toHaveLength(3 + 3 + 3 + 6 + 3)
  })

  /** Offsets under the id, as kcat reads what is committed. */
  async function openPositions(topic: string): Promise<readonly number[]> {
    const records = await cluster.records(`${topic}-positions`)
    const last = new Map(
      records.flatMap(({ key, value }) =>
        value.includes('"offset"') ? [[key, JSON.parse(value).offset] as const] : [],
      ),
    )
    return [...last.values()]
  }

  test('positions move from the state folder into the topic, and back', { timeout: 280_000 }, async () => {
    const topic = await topics('moved')
    const without = await configure({ topic, isOnce: false })
    const within = await configure({ topic })
    const fast = { topic, eventsPerSecond: undefined }
    const first = place.start('run', '--config', without)
    await has(topic, 0.2)
    expect((await first.stop()).code).toBe(0)
    const second = place.start('run', '--config', within)
    await second.logged('Positions of the state folder are kept in the topic from now on')
    await has(topic, 0.5)
    expect((await second.stop()).code).toBe(0)
    const third = place.start('run', '--config', without)
    await has(topic, 0.7)
    expect((await third.stop()).code).toBe(0)
    // What was saved without the topic is newer than what it has.
    const fourth = await finish(within)
    expect(fourth.log.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Positions of the state folder, .* replace those in the topic$/),
    )
    // And the topic alone is enough.
    await rm(place.path(`state-${topic}`), { recursive: true })
    await finish(await configure(fast))
    expect(await verdict('moved', topic)).toEqual(once)
  })
})
