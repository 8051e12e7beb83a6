/**
 * What features cost beside the default path: `npm run bench:features [--rows N] [--runs N]`. It measures
 * user time from chunk to frames, without reading and sending; each case runs in a process of its own, in
 * turn, so that a busy moment meets all of them, and none is optimised for what another one did.
 */
import { fork } from 'node:child_process'
import { createSecretKey } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { arch, cpus, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { frameShape } from '../src/encode/options.ts'
import type { Chunk } from '../src/flow/chunk.ts'
import { mappingShape } from '../src/map/options.ts'
import { createEventTransform, type EventOptions } from '../src/transform/event-transform.ts'
import { type Data, writeData } from './data.ts'
import { median } from './measure.ts'
import { temporaryFolder } from './temporary.ts'

const chunkBytes = 1 << 20
/** Of the same data; the first one only makes everything warm. */
const passes = 3

const key = createSecretKey(Buffer.from('0123456789abcdef0123456789abcdef', 'hex'))
const people = ['sender-address', 'return-path', 'recipient-address'] as const
const protectedBy = (method: 'hash' | 'mask' | 'encrypt'): Partial<EventOptions> => ({
  privacy: {
    columns: Object.fromEntries(people.map((column) => [column, method])),
    hashKey: key,
    encryptKey: key,
    hideBcc: false,
  },
})

const baseline = 'the default'

/** The settings of each case, by what they are called in the table. */
const features: Readonly<Record<string, Partial<EventOptions>>> = {
  [baseline]: {},
  '`mapping: exchange-modern`': { mapping: 'exchange-modern' },
  '`mapping: exchange-hunting`': { mapping: 'exchange-hunting' },
  '`rawEvent: field`': { rawEvent: 'field' },
  '`recipients: each`': { recipients: 'each' },
  '`overflow: split`': { overflow: 'split' },
  '`correctSeconds`': { corrections: new Map([['EX01', -90]]) },
  '`filter`: senders of a domain left out': { filter: { not: { senders: ['@contoso.com'] } } },
  '`filter`: a key of custom-data left out': { filter: { not: { customData: ['S:IsProbe=true'] } } },
  '`noise`: `monitoring`': { noise: ['monitoring'] },
  '`noise`: `agentinfo-performance`': { noise: ['agentinfo-performance'] },
  '`privacy`: sender, return path, recipients hashed': protectedBy('hash'),
  '… masked': protectedBy('mask'),
  '… encrypted': protectedBy('encrypt'),
  '`privacy`: `hideBcc`': { privacy: { columns: {}, hideBcc: true } },
}

interface Task {
  readonly feature: string
  readonly file: string
}

/** User time in µs per row, and how many events a row became. */
interface Cost {
  readonly rowUs: number
  readonly events: number
}

const [, , feature, file] = process.argv
if (process.send && feature && file) process.send(await costOf({ feature, file }))
else await bench()

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '100000' }, runs: { type: 'string', default: '3' } },
  })
  const data = await writeData(temporaryFolder(), { rows: Number(values.rows), longestRow: 0 })
  const factors = new Map<string, number[]>()
  const events = new Map<string, number>()
  for (let run = 1; run <= Number(values.runs); run++) {
    let defaultUs = Number.NaN
    for (const feature of Object.keys(features)) {
      const cost = await inProcess({ feature, file: data.file })
      if (feature === baseline) defaultUs = cost.rowUs
      factors.set(feature, [...(factors.get(feature) ?? []), cost.rowUs / defaultUs])
      events.set(feature, cost.events / data.rows)
      process.stderr.write(`features: ${run}: ${feature}: ${cost.rowUs.toFixed(2)} µs of CPU a row\n`)
    }
  }
  console.log(`${describe(data, values.runs)}\n\n| settings | CPU | events |\n|---|---|---|`)
  for (const [feature, values] of factors) {
    console.log(`| ${feature} | ${median(values).toFixed(1)} | ${(events.get(feature) ?? 0).toFixed(2)} |`)
  }
}

function describe({ rows, bytesPerRow }: Data, runs: string): string {
  const { model = 'unknown' } = cpus()[0] ?? {}
  return (
    `${model}, ${process.platform} ${release()} (${arch()}), Node.js ${process.versions.node}; ` +
    `${rows.toLocaleString('en-US')} simulated rows of ${bytesPerRow.toFixed(0)} bytes, median of ${runs} runs.`
  )
}

async function inProcess({ feature, file }: Task): Promise<Cost> {
  const child = fork(fileURLToPath(import.meta.url), [feature, file])
  const [cost] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${feature}: exit code ${code}`))),
  ])
  return cost
}

async function costOf({ feature, file }: Task): Promise<Cost> {
  const chunks = chunksOf(file)
  const defaults = z.object({ ...mappingShape, ...frameShape }).parse({})
  const transform = createEventTransform({ ...defaults, maxMessageBytes: 65_536, ...features[feature] })
  let leastUs = Number.POSITIVE_INFINITY
  let rows = 0
  let events = 0
  for (let pass = 0; pass < passes; pass++) {
    const before = process.cpuUsage()
    rows = events = 0
    for (const chunk of chunks) {
      for (const { counts, ends } of transform(chunk)) {
        rows += counts.events + counts.filtered
        events += ends.length
      }
    }
    if (pass > 0) leastUs = Math.min(leastUs, process.cpuUsage(before).user)
  }
  return { rowUs: leastUs / rows, events }
}

/** A log of one header as the tailer gives it. */
function chunksOf(path: string): readonly Chunk[] {
  const log = readFileSync(path)
  const fields = log.indexOf('#Fields: ') + '#Fields: '.length
  const header = log.indexOf(0x0a, fields) + 1
  const columns = log.toString('latin1', fields, header).trim().split(',')
  const layout = { columns, version: '15.01.2507.039', header: log.subarray(0, header) }
  const file = { id: path, source: 'EX01', path }
  const chunks: Chunk[] = []
  for (let start = header; start < log.length; ) {
    const end = log.lastIndexOf(0x0a, Math.min(start + chunkBytes, log.length) - 1) + 1
    const bytes = log.subarray(start, end)
    chunks.push({ file, layout, header: 0, start, end, bytes, malformed: [] })
    start = end
  }
  return chunks
}
