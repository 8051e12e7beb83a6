/** Instances that share a topic: whatever becomes of them, each row comes, and in the order of its file. */
import { cp } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Collector, judge } from '../support/collector.ts'
import { RunningInstance } from '../support/instance.ts'
import { type Program, Workplace } from '../support/program.ts'
import { until } from '../support/until.ts'
import { describeKafka } from './broker-program.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { Forwarder, rowOf } from './raw-topic.ts'

/** Chosen at random, and said so that a run can be repeated. */
const seed = Number(process.env.MSGTRK_SEED ?? Math.floor(Math.random() * 1e9))

function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What came of the rows that were written. */
function verdictOn({ frames }: Collector, { written }: Forwarder) {
  const rows = frames.map((frame) => {
    const seen = rowOf(frame)
    return seen === undefined ? frame : `${seen.file}.${seen.number}`
  })
  const expected = new Map(
    [...written].map(([file, count]) => [
      file,
      Array.from({ length: count }, (_, number) => `${file}.${number}`),
    ]),
  )
  return judge(rows, expected)
}

describeKafka('instances that share a topic', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.end())

  async function forwarderFor(topic: string, partitions: number): Promise<Forwarder> {
    await cluster.createTopic(topic, { partitions })
    const forwarder = new Forwarder(cluster, topic)
    onTestFinished(() => forwarder.close())
    return forwarder
  }

  function config(
    topic: string,
    to: string,
    { state = 'state', kafka = '{ sessionMs: 6000 }', confirm = 'turnAfterMs: 500' } = {},
  ): string {
    return `
state: ${state}
sources:
  - { name: raw, from: "kafka://${cluster.brokers()}/${topic}", kafka: ${kafka} }
destinations:
  - { name: siem, to: "${to}", ${confirm} }
`
  }

  async function committed(topic: string, partitions: number): Promise<number> {
    const offsets = await cluster.admin((admin) =>
      admin.listConsumerGroupOffsets({ groups: [`msgtrk.${topic}.siem`] }),
    )
    return offsets
      .flatMap(({ topics }) => topics.filter(({ name }) => name === topic))
      .flatMap((of) => of.partitions)
      .slice(0, partitions)
      .reduce((sum, { committedOffset }) => sum + Math.max(0, Number(committedOffset)), 0)
  }

  it('five of them, killed at random and started again', async () => {
    const random = randomFrom(seed)
    const place = await Workplace.open(onTestFinished)
    const siem = await place.collect()
    const forwarder = await forwarderFor('killed', 8)
    const files = Array.from({ length: 12 }, (_, index) => `file-${index}`)
    const instances: Program[] = []
    const start = async (index: number): Promise<void> => {
      const file = await place.write(`${index}.yaml`, config('killed', siem.url, { state: `state-${index}` }))
      instances[index] = place.start('run', '--config', file)
    }
    for (let index = 0; index < 5; index++) await start(index)
    let isOver = false
    const writing = (async () => {
      while (!isOver) {
        await forwarder.write(files[random(files.length)] ?? '', 20 + random(200), 1 + random(60))
        await pause(20)
      }
    })()
    let kills = 0
    for (const end = Date.now() + 40_000; Date.now() < end; kills++) {
      await pause(500 + random(2_500))
      const index = random(5)
      // Half of the time the receiver has stood still for a while, and what it was sent goes with its connections.
      const isStalled = random(2) === 0
      if (isStalled) {
        siem.stall()
        await pause(1_500)
      }
      await instances[index]?.stop('SIGKILL')
      if (isStalled) {
        siem.breakConnections()
        siem.goOn()
      }
      // Some are away for longer than a session lasts, so that others take over.
      await pause(random(4) === 0 ? 7_000 : random(1_000))
      await start(index)
    }
    isOver = true
    await writing
    await siem.has([...forwarder.written.values()].reduce((sum, count) => sum + count, 0))
    const { missing, unknown, outOfOrder, repeated } = verdictOn(siem, forwarder)
    console.log(JSON.stringify({ seed, kills, rows: siem.frames.length - repeated, repeated }))
    expect({ missing, unknown, outOfOrder }, `MSGTRK_SEED=${seed}`).toEqual({
      missing: 0,
      unknown: 0,
      outOfOrder: 0,
    })
    for (const program of instances)
      expect((await program.stop()).stderr).not.toMatch(/"level":"error"[^\n]*(?:bug|TypeError)/)
  })

  it('a second one that comes while nothing of what the first has sent is settled', async () => {
    const [place, other] = [await Workplace.open(onTestFinished), await Workplace.open(onTestFinished)]
    const siem = await place.collect()
    const forwarder = await forwarderFor('window', 4)
    for (let file = 0; file < 8; file++) await forwarder.write(`file-${file}`, 200)
    // What the receiver took counts after the other one has come.
    const patient = config('window', siem.url, { confirm: 'confirm: time, confirmAfterMs: 20000' })
    const first = await RunningInstance.start(place, onTestFinished, patient)
    const { statistics } = first.pipeline('siem')
    await until(() => statistics.snapshot().read === 1600)
    const second = await RunningInstance.start(other, onTestFinished, patient)
    const shareOf = ({ instance }: RunningInstance) =>
      instance.pipelines[0]?.source.told('raw')?.partitions.length
    await until(() => shareOf(first) === 2 && shareOf(second) === 2)
    expect(await committed('window', 4)).toBe(0)
    await until(() => siem.frames.length > 1600)
    const { missing, unknown, outOfOrder, repeated } = verdictOn(siem, forwarder)
    expect({ missing, unknown, outOfOrder }).toEqual({ missing: 0, unknown: 0, outOfOrder: 0 })
    // Those of the two partitions that went over, and of no other.
    expect(repeated).toBeGreaterThan(0)
    expect(repeated).toBeLessThan(1600)
    await until(async () => (await committed('window', 4)) === 32)
    for (const one of [first, second]) {
      expect(await one.stop()).toBe(0)
      const { read, delivered, inFlight } = one.instance.pipelines[0]?.statistics.snapshot() ?? {}
      expect({ inFlight, balance: read === delivered }).toEqual({ inFlight: 0, balance: true })
    }
  })

  it('one whose broker goes away and comes back', async () => {
    const place = await Workplace.open(onTestFinished)
    const siem = await place.collect()
    const forwarder = await forwarderFor('restarted', 3)
    const running = await RunningInstance.start(place, onTestFinished, config('restarted', siem.url))
    await forwarder.write('one', 500)
    await siem.has(500)
    await cluster.stop(1)
    await until(() => running.said('error The topic of a source can not be read').length > 0)
    const { sources, findings } = await running.instance.status()
    expect(sources).toMatchObject([{ name: 'raw', reachable: false }])
    expect(findings.map(({ kind }) => kind)).toContain('sourceUnreachable')
    await cluster.start(1)
    await forwarder.write('one', 500)
    await siem.has(1000)
    expect(verdictOn(siem, forwarder)).toMatchObject({ missing: 0, unknown: 0, outOfOrder: 0 })
    await until(() => running.said('info The topic of a source is read again').length > 0)
    expect(await running.stop()).toBe(0)
  })

  it('two by the new protocol, of which one ends', async () => {
    const [place, other] = [await Workplace.open(onTestFinished), await Workplace.open(onTestFinished)]
    const siem = await place.collect()
    const forwarder = await forwarderFor('kip-848', 4)
    const asked = config('kip-848', siem.url, { kafka: '{ protocol: consumer }' })
    const first = await RunningInstance.start(place, onTestFinished, asked)
    const second = await RunningInstance.start(other, onTestFinished, asked)
    const shareOf = ({ instance }: RunningInstance) =>
      instance.pipelines[0]?.source.told('raw')?.partitions.length
    await until(() => shareOf(first) === 2 && shareOf(second) === 2)
    for (let file = 0; file < 8; file++) await forwarder.write(`file-${file}`, 100)
    await siem.has(800)
    await second.stop()
    await until(() => shareOf(first) === 4)
    for (let file = 0; file < 8; file++) await forwarder.write(`file-${file}`, 100)
    await siem.has(1600)
    expect(verdictOn(siem, forwarder)).toMatchObject({ missing: 0, unknown: 0, outOfOrder: 0 })
    expect(await first.stop()).toBe(0)
  })

  it('one on a copy of the state folder of another, which ends the reading of that one', async () => {
    const [place, other] = [await Workplace.open(onTestFinished), await Workplace.open(onTestFinished)]
    const siem = await place.collect()
    const forwarder = await forwarderFor('copied', 3)
    const first = await RunningInstance.start(place, onTestFinished, config('copied', siem.url))
    await forwarder.write('one', 100)
    await siem.has(100)
    await cp(place.path('state', '.agent-id'), other.path('state', '.agent-id'), { recursive: true })
    const second = await RunningInstance.start(other, onTestFinished, config('copied', siem.url))
    await until(() => first.said('error A topic is read here no more').length > 0)
    await forwarder.write('one', 100)
    await siem.has(200)
    expect(first.said('error A topic is read here no more')).toHaveLength(1)
    expect(second.said('error')).toEqual([])
  })
})
