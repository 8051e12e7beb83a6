/**
 * Delivery into a topic of a real Kafka, beside kcat (librdkafka) writing the same bytes from a file: each program alone,
 * from its start until all records are acknowledged. `npm run bench:kafka -- --rows 300000`; kcat reads events that are
 * made already, msgtrk makes them of rows.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Cluster, startCluster } from '../test/kafka/cluster.ts'
import { writeData } from './data.ts'
import { measure, type Usage } from './measure.ts'
import { msgtrk } from './msgtrk.ts'
import { temporaryFolder } from './temporary.ts'

const timeoutMs = 240_000
const partitions = 6

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    tries: { type: 'string', default: '3' },
    brokers: { type: 'string', default: '1' },
    compression: { type: 'string', default: 'none' },
  },
})
const { compression } = values
const folder = temporaryFolder()
const { file: log, rows } = await writeData(path.join(folder, 'logs'), {
  rows: Number(values.rows),
  longestRow: 0,
})
const cluster = await startCluster({ brokers: values.brokers === '3' ? 3 : 1 })
try {
  const lines = path.join(folder, 'events.cef')
  const convert = msgtrk('convert', log, '--syslog', 'none', '--output', lines)
  await measure(convert.command, convert.args, { timeoutMs })
  for (let number = 1; number <= Number(values.tries); number++) {
    await tell('msgtrk', `msgtrk-${number}`, (topic) => byMsgtrk(topic))
    await tell('kcat', `kcat-${number}`, (topic) => byKcat(topic, lines))
  }
} finally {
  await cluster.end()
}

async function byMsgtrk(topic: string): Promise<Usage> {
  const place = path.join(folder, topic)
  await mkdir(place)
  const config = path.join(place, 'msgtrk.json')
  await writeFile(
    config,
    JSON.stringify({
      state: path.join(place, 'state'),
      log: { level: 'error' },
      sources: [{ name: 'EX1', folder: path.dirname(log) }],
      destinations: [{ name: 'topic', to: `kafka://${cluster.brokers()}/${topic}`, kafka: { compression } }],
    }),
  )
  const { command, args } = msgtrk('run', '--config', config, '--once')
  return measure(command, args, { timeoutMs })
}

function byKcat(topic: string, lines: string): Promise<Usage> {
  const settings = [
    'acks=all',
    'enable.idempotence=true',
    `compression.codec=${compression}`,
    'queue.buffering.max.ms=5',
  ]
  const options = settings.flatMap((setting) => ['-X', setting])
  return measure('kcat', ['-P', '-b', cluster.brokers(), '-t', topic, ...options, '-l', lines], { timeoutMs })
}

async function tell(what: string, topic: string, work: (topic: string) => Promise<Usage>): Promise<void> {
  await cluster.createTopic(topic, { partitions })
  const { wallMs, cpuMs, peakMb } = await work(topic)
  const count: number = await (cluster satisfies Cluster).count(topic)
  if (count !== rows) throw new Error(`${count} records of ${rows}`)
  console.log(
    `${what.padEnd(8)} ${Math.round((rows / wallMs) * 1000)} events/s, ${((cpuMs / rows) * 1000).toFixed(2)} µs CPU an event, ` +
      `${Math.round(peakMb)} MB`,
  )
}
