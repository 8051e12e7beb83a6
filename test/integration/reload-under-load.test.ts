/**
 * Reloads at random, while rows are written and delivered: whatever changes, the receiver that is there from the first to
 * the last has every row, in order, and again only what was counted as repeated.
 */
import { once } from 'node:events'
import { rename } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { PipelineView } from '../../src/app/running-pipeline.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { Random } from '../../src/simulate/random.ts'
import { simulate } from '../../src/simulate/simulator.ts'
import { distinct, judge } from '../support/collector.ts'
import { RunningInstance } from '../support/instance.ts'
import { Workplace } from '../support/program.ts'
import { isThorough } from '../support/runs.ts'

/** Takes connections and reads nothing. */
async function stalled(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const reloads = isThorough ? 100 : 4
const seed = isThorough ? 1 : Date.now() % 1_000_000

test.each([seed])(
  'reloads under load lose nothing and keep the order (seed %i)',
  { timeout: 900_000 },
  async () => {
    const place = await Workplace.open(onTestFinished)
    const [one, other] = [await place.collect(), await place.collect()]
    const dead = await place.collect()
    await dead.close()
    const still = await stalled()
    const random = new Random(String(seed))
    const chance = (share: number) => random.chance(share)

    /** What the next configuration says; each change is of what one person would change. */
    const wanted = {
      turnMs: 300,
      otherIsThere: true,
      otherMs: 200,
      deadIsThere: true,
      deadMs: 1000,
      stillMs: 1000,
      maxMegabytes: 100,
      isSwapped: false,
      table: 0,
      isMistaken: false,
    }
    const changes: readonly (() => void)[] = [
      () => (wanted.turnMs = random.integer(200, 900)),
      () => (wanted.otherIsThere = !wanted.otherIsThere),
      () => (wanted.otherMs = random.integer(100, 900)),
      () => (wanted.deadIsThere = !wanted.deadIsThere),
      () => (wanted.deadMs = random.integer(1000, 9000)),
      () => (wanted.maxMegabytes = chance(0.3) ? random.integer(10, 200) : wanted.maxMegabytes),
      () => (wanted.stillMs = chance(0.1) ? random.integer(1000, 9000) : wanted.stillMs),
      () => (wanted.isSwapped = !wanted.isSwapped),
      () => wanted.table++,
      () => (wanted.isMistaken = true),
    ]
    const text = () => {
      const { turnMs, otherIsThere, otherMs, deadIsThere, deadMs, stillMs, maxMegabytes, isSwapped } = wanted
      const sources = ['{ name: EX01, folder: EX01 }', '{ name: EX02, folder: EX02 }']
      const common = 'maxMessageBytes: 1048576'
      const destinations = [
        `{ name: a, to: '${one.url}', mapping: own.yaml, turnAfterMs: ${turnMs}, ${common} }`,
        `{ name: still, to: '${still}', stallTimeoutMs: ${stillMs}, ${common} }`,
        ...(otherIsThere
          ? [`{ name: b, to: '${other.url}', confirm: time, confirmAfterMs: ${otherMs}, ${common} }`]
          : []),
        ...(deadIsThere ? [`{ name: dead, to: '${dead.url}', connectTimeoutMs: ${deadMs}, ${common} }`] : []),
        ...(wanted.isMistaken ? ['{ name: new, to: http://x }'] : []),
      ]
      const order = <T>(list: T[]) => (isSwapped ? list.reverse() : list)
      return `state: state\ndeadLetters: { maxMegabytes: ${maxMegabytes} }\nsources: [${order(sources).join(', ')}]\ndestinations:\n${order(
        destinations,
      )
        .map((each) => `  - ${each}`)
        .join('\n')}\n`
    }
    const writeTable = async () => {
      const table = `# ${wanted.table}\nextends: exchange-2013\nname: own\nversion: 1.0.0\n`
      await rename(await place.write('own.new', table), place.path('own.yaml'))
    }

    const writing = new AbortController()
    const written = ['EX01', 'EX02'].map((server, index) =>
      simulate({
        into: place.path(server),
        version: '2016',
        seed: seed + index,
        server,
        rate: 200,
        signal: writing.signal,
      }),
    )
    onTestFinished(async () => {
      writing.abort()
      await Promise.allSettled(written)
    })
    await writeTable()
    const running = await RunningInstance.start(place, onTestFinished, text())
    const ended: PipelineView[] = []
    running.instance.listen({ ended: (pipeline) => ended.push(pipeline) })
    for (let number = 0; number < reloads; number++) {
      for (let more = random.integer(1, 3); more > 0; more--) random.pick(changes)()
      await writeTable()
      await running.write(text())
      const asked = [running.instance.reload({ by: `${number}` })]
      if (chance(0.2)) asked.push(running.instance.reload({ by: 'at the same time' }))
      const { pipelines } = running.instance
      const results = await Promise.allSettled(asked)
      const isDone = results.every(({ status }) => status === 'fulfilled')
      expect(isDone, JSON.stringify(results)).toBe(!wanted.isMistaken)
      if (wanted.isMistaken) expect(running.instance.pipelines).toBe(pipelines)
      for (const result of asked.length === 1 ? results : []) {
        const kept = result.status === 'fulfilled' ? result.value.kept : []
        const isKept = ({ name }: PipelineView) => kept.includes(name)
        expect(new Set(running.instance.pipelines.filter(isKept))).toEqual(new Set(pipelines.filter(isKept)))
      }
      wanted.isMistaken = false
      // Some rows in between.
      const before = one.frames.length
      await one.until('another row', () => one.frames.length > before)
    }
    wanted.otherIsThere = true
    await running.reload(text())
    writing.abort()
    await Promise.all(written)
    const expected = new Map([
      ...(await place.expectedFrames('EX01')),
      ...(await place.expectedFrames('EX02')),
    ])
    await Promise.all([one.has(distinct(expected)), other.has(distinct(expected))])
    const last = running.instance.pipelines
    // What stands still is in flight at the end.
    expect(await running.stop()).toBe(ExitCode.unfinished)
    for (const [name, { frames }] of [
      ['a', one],
      ['b', other],
    ] as const) {
      const repeated = [...ended, ...last]
        .filter((pipeline) => pipeline.name === name)
        .reduce((sum, { statistics }) => sum + statistics.snapshot().repeated, 0)
      const verdict = judge(frames, expected)
      expect(verdict).toMatchObject({ missing: 0, unknown: 0, outOfOrder: 0 })
      expect(verdict.repeated).toBeLessThanOrEqual(repeated)
    }
    expect(running.said('error A log')).toEqual([])
  },
)
