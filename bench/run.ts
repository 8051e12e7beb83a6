/**
 * What msgtrk costs, against hand-written C and against programs of others, on this machine: `npm run bench`. All figures
 * of a table come from one run; programs take turns, so that a busy moment meets all of them.
 */
import { writeFile } from 'node:fs/promises'
import { arch, cpus, loadavg, release, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Backlog, type CaseName, createCases, deliver, type Sample, type Task } from './cases.ts'
import { compile } from './compile.ts'
import { type Data, firstRows, repeated, writeData } from './data.ts'
import { measureIdle } from './idle.ts'
import { measureLatency } from './latency.ts'
import { shareAlike } from './limit.ts'
import { measureMemory } from './memory.ts'
import { findPeers, type Peers } from './peers/find.ts'
import { record } from './results.ts'
import { measureSeen } from './see.ts'
import { measureStart, type Start } from './start.ts'
import { formatTable, type Row } from './table.ts'
import { temporaryFolder } from './temporary.ts'
import { throughputRows } from './throughput-rows.ts'
import {
  destinationsMemoryRow,
  followingRow,
  idleMemoryRow,
  idleRow,
  latencyRow,
  memoryRow,
  seenRows,
  startRows,
} from './verdicts.ts'

const usage = `npm run bench -- [options]
  --rows N          rows in the simulated log (300000)
  --repeat N        how many such logs msgtrk and the limit read in one run (8); peers read one with 40,000 rows
  --longest-row N   leave out rows with more bytes; 1112 gives 750 bytes per row (0: none)
  --runs N          runs of each program, taking turns (5)
  --minutes N       no new turn begins once a part has taken so long (4)
  --backlog-gb N    size of the backlog for peak memory (1)
  --idle SECONDS    how long to look at the idle program (20)
  --only PARTS      some of throughput,memory,start,latency,seen,idle
  --peers           also the OpenTelemetry Collector, which is built once with Go in some minutes, and Fluent Bit
  --record          write the part of this Node.js in bench/results.md`

const parts = ['throughput', 'memory', 'start', 'latency', 'seen', 'idle'] as const

/** Enough for some seconds, of which the first third does not count. */
const eventsSeen = 4_000_000
/** Peers need some seconds for so many. */
const rowsForPeers = 40_000

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    repeat: { type: 'string', default: '8' },
    'longest-row': { type: 'string', default: '0' },
    runs: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '4' },
    'backlog-gb': { type: 'string', default: '1' },
    idle: { type: 'string', default: '20' },
    only: { type: 'string', default: parts.join(',') },
    peers: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Of one part: how long turns may begin. */
const withinMs = Number(values.minutes) * 60_000

if (values.help) console.log(usage)
else await bench()

async function bench(): Promise<void> {
  const [loadBefore = 0] = loadavg()
  const folder = temporaryFolder()
  say('writing the log')
  const longestRow = Number(values['longest-row'])
  const data = await writeData(folder, { rows: Number(values.rows), longestRow })
  const limit = await compile('limit', folder)
  const simd = await compile('limit-simd', folder)
  const sink = await compile('sink', folder)
  const peers = await findPeers({ all: values.peers, tell: say })
  const notes = await describe(data, { folder, limit, simd, peers })
  const task: Task = {
    folder,
    all: await backlogOf(data, path.join(folder, 'logs'), Number(values.repeat)),
    fewer: await backlogOf(data, path.join(folder, 'fewer'), Math.ceil(Number(values.repeat) / 4)),
    oneRow: path.join(folder, 'one.LOG'),
    limit,
    simd,
    sink,
    peers: peers.found,
    forPeers: await dataForPeers(folder, longestRow),
  }
  const { header, rows: firstRow } = await firstRows(data.file, 1)
  await writeFile(task.oneRow, header + firstRow.join(''))
  const rows: Row[] = []
  const part = async (name: (typeof parts)[number], measure: () => Promise<readonly Row[]>) => {
    if (!values.only.split(',').includes(name)) return
    say(name)
    const startMs = performance.now()
    try {
      rows.push(...(await measure()))
    } catch (error) {
      process.exitCode = 1
      const measured = `failed: ${(error as Error).message}`
      rows.push({ what: name, target: '', measured, ratio: '', met: false })
    }
    say(`${name} took ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
  }
  await part('throughput', async () => throughputRows(await inTurn(task)))
  await part('memory', () => memoryRows(task, data))
  await part('start', async () => {
    const starts: Start[] = []
    for (let run = 0; run < Number(values.runs) + 2; run++) {
      starts.push(await measureStart(folder, task.fewer.source))
    }
    return startRows(starts)
  })
  await part('latency', () => latencyRows(folder, data.file))
  await part('seen', async () => {
    const tell = (text: string) => say(`seen: ${text}`)
    const runs = Number(values.runs)
    return seenRows(await measureSeen(folder, { data, sink, events: eventsSeen, runs, withinMs, tell }))
  })
  await part('idle', () => idleRows(folder, data.file))
  const table = formatTable(rows)
  const [loadAfter = 0] = loadavg()
  const all = [
    `- Command: \`npm run bench -- ${process.argv.slice(2).join(' ')}\``,
    notes[0] as string,
    `- Load average ${loadBefore.toFixed(2)} when it began, ${loadAfter.toFixed(2)} when it ended.`,
    ...notes.slice(1),
  ]
  console.log(`${all.join('\n')}\n\n${table}`)
  if (values.record) await record(all, table)
}

async function backlogOf(data: Data, source: string, times: number): Promise<Backlog> {
  return { source, logs: await repeated(data.file, source, times), rows: data.rows * times }
}

/** The same rows as in the log, as far as they go. */
async function dataForPeers(folder: string, longestRow: number): Promise<Task['forPeers']> {
  const { file: log, rows } = await writeData(path.join(folder, 'for-peers'), {
    rows: rowsForPeers,
    longestRow,
  })
  return { log, rows }
}

/** Runs each case once, then each once more, and so on. */
async function inTurn(task: Task): Promise<ReadonlyMap<CaseName, readonly Sample[]>> {
  const cases = await createCases(task)
  const samples = new Map<CaseName, Sample[]>()
  const endMs = performance.now() + withinMs
  for (let run = 1; run <= Number(values.runs) && performance.now() < endMs; run++) {
    for (const [name, runCase] of cases) {
      const sample = await runCase()
      samples.set(name, [...(samples.get(name) ?? []), sample])
      const { wallMs, cpuMs, peakMb, rows } = sample
      const each = ((cpuMs * 1000) / rows).toFixed(2)
      say(
        `${run}: ${name}: ${(wallMs / 1000).toFixed(2)} s, ${each} µs of CPU a row, ${peakMb.toFixed(0)} MB`,
      )
    }
  }
  return samples
}

async function memoryRows(task: Task, data: Data): Promise<readonly Row[]> {
  const { folder, fewer } = task
  const backlogGb = Number(values['backlog-gb'])
  const one = await measureMemory(folder, { log: data.file, backlogGb })
  const five = await deliver(task, {
    receivers: Array.from({ length: 5 }, () => ({})),
    options: { timeoutMs: 120_000 },
    backlog: fewer,
  })
  return [memoryRow(one), destinationsMemoryRow(5, five.peakMb, 200)]
}

async function latencyRows(folder: string, log: string): Promise<readonly Row[]> {
  const of = (sources: number) => measureLatency(folder, { log, sources, rate: 1000, seconds: 15 })
  const one = await of(1)
  const twenty = await of(20)
  return [
    latencyRow(one, 1, { p50Ms: 50, p99Ms: 200 }),
    followingRow(one, 1, null),
    latencyRow(twenty, 20, { p50Ms: 50, p99Ms: 60 }),
    followingRow(twenty, 20, 0.1),
  ]
}

/** All at the same time: each of them does next to nothing, after a start that takes as long as one. */
async function idleRows(folder: string, log: string): Promise<readonly Row[]> {
  const seconds = Number(values.idle)
  if (seconds === 0) return []
  const of = (folders: number, logsPerFolder: number) =>
    measureIdle(folder, { log, folders, logsPerFolder, seconds })
  const [many, ten, hundred, thousand, twoThousand] = await Promise.all([
    of(10, 2000),
    of(10, 200),
    of(100, 20),
    of(1000, 2),
    of(2000, 1),
  ])
  return [
    idleRow(many, 0.01),
    idleRow(ten, 0.005),
    idleRow(hundred, 0.01),
    idleRow(thousand, 0.04),
    idleRow(twoThousand, null),
    idleMemoryRow(twoThousand, 200),
  ]
}

/** The machine and the data, in sentences; the machine first. */
async function describe(
  { file, rows, bytesPerRow }: Data,
  { folder, limit, simd, peers }: Pick<Task, 'folder' | 'limit' | 'simd'> & { readonly peers: Peers },
): Promise<readonly string[]> {
  const { model = 'unknown' } = cpus()[0] ?? {}
  const alike = async (program: string) => `${((await shareAlike(program, file, folder)) * 100).toFixed(2)} %`
  return [
    `- Machine: ${model}, ${cpus().length} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ` +
      `${process.platform} ${release()} (${arch()}).`,
    `- Data: ${rows.toLocaleString('en-US')} simulated rows of ${bytesPerRow.toFixed(0)} bytes on average, ` +
      `${values.repeat} times; ${values.runs} runs each, in turn.`,
    limit
      ? `- Limit in C: bench/limit.c, cc -O2; ${await alike(limit)} of its events are msgtrk's byte for byte.`
      : '- Limit in C: left out, there is no compiler.',
    simd
      ? `- SIMD limit: bench/limit-simd.c, with AVX2; ${await alike(simd)} of its events are msgtrk's byte for byte.`
      : '- SIMD limit: left out, there is no compiler or no processor with AVX2.',
    ...peers.found.map(({ name, version, how }) => `- ${name} ${version}: ${how}.`),
    ...peers.absent.map(({ name, why }) => `- ${name}: left out, ${why}.`),
  ]
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
