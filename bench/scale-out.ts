/**
 * Rows through a real Kafka: one forwarder writes them as they stand in the logs (`format: raw`), then 1, 2 and 4 instances
 * in a group make events of them, each time all of them. `npm run bench:scale-out -- --rows 1000000`. All of it runs on this
 * machine: the broker, the instances and the receiver share its processors.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { simulate } from '../src/simulate/simulator.ts'
import { startCluster } from '../test/kafka/cluster.ts'
import { killChild, startChild } from './children.ts'
import { cpuMsOf, measure } from './measure.ts'
import { msgtrk } from './msgtrk.ts'
import { Sink } from './sink.ts'
import { temporaryFolder } from './temporary.ts'

const timeoutMs = 240_000
const partitions = 8

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    instances: { type: 'string', default: '1,2,4' },
    compression: { type: 'string', default: 'lz4' },
  },
})
const rows = Number(values.rows)
const folder = temporaryFolder()
const logs = path.join(folder, 'logs')
await simulate({ into: logs, version: '2016', seed: 1, events: rows, signal: new AbortController().signal })
// So long who joins first waits for the others: all begin with their share.
const cluster = await startCluster({ properties: { 'group.initial.rebalance.delay.ms': '6000' } })
try {
  await cluster.createTopic('raw', { partitions })
  const forwarder = await configured('forwarder', {
    sources: [{ name: 'EX01', folder: logs }],
    destinations: [
      {
        name: 'topic',
        to: `kafka://${cluster.brokers()}/raw`,
        format: 'raw',
        kafka: { compression: values.compression },
      },
    ],
  })
  const { command, args } = msgtrk('run', '--config', forwarder, '--once')
  const { wallMs, cpuMs, peakMb } = await measure(command, args, { timeoutMs })
  tell('forwarder', rows / wallMs, cpuMs / rows, `${Math.round(peakMb)} MB`)
  for (const count of values.instances.split(',').map(Number)) await mapWith(count)
} finally {
  await cluster.end()
}

async function mapWith(count: number): Promise<void> {
  const sink = await Sink.start()
  const configs = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      configured(`mapper-${count}-${index}`, {
        sources: [
          { name: 'raw', from: `kafka://${cluster.brokers()}/raw`, kafka: { group: `with-${count}` } },
        ],
        destinations: [{ name: 'siem', to: `tcp://127.0.0.1:${sink.port}` }],
      }),
    ),
  )
  const children = configs.map((config) => {
    const { command, args } = msgtrk('run', '--config', config)
    return startChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  })
  const cpuNow = () => children.reduce((sum, { pid }) => sum + cpuMsOf(pid ?? 0), 0)
  try {
    const latest = performance.now() + timeoutMs
    await until(() => sink.received.frames > 0, latest)
    const [startMs, cpuMs, first] = [performance.now(), cpuNow(), sink.received.frames]
    await until(() => sink.received.frames >= rows, latest)
    const made = sink.received.frames - first
    tell(
      `${count} mapping`,
      made / (performance.now() - startMs),
      (cpuNow() - cpuMs) / made,
      `${sink.received.frames - rows} repeated`,
    )
  } finally {
    await Promise.all(children.map(killChild))
    await sink.stop()
  }
}

async function configured(name: string, settings: object): Promise<string> {
  const place = path.join(folder, name)
  await mkdir(place)
  const file = path.join(place, 'msgtrk.json')
  await writeFile(
    file,
    JSON.stringify({ state: path.join(place, 'state'), log: { level: 'error' }, ...settings }),
  )
  return file
}

async function until(holds: () => boolean, latestMs: number): Promise<void> {
  while (!holds()) {
    if (performance.now() > latestMs) throw new Error('it takes too long')
    await pause(20)
  }
}

function tell(what: string, rowsPerMs: number, cpuMs: number, more: string): void {
  const rate = Math.round(rowsPerMs * 1000)
  console.log(`${what.padEnd(10)} ${rate} rows/s, ${(cpuMs * 1000).toFixed(2)} µs CPU a row, ${more}`)
}
