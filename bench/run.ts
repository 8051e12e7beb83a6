/**
 * What msgtrk costs, against syslog-ng and against hand-written C, on this machine: `npm run bench`. All figures
 * of a table come from one run; programs take turns, so that a busy moment meets all of them.
 */
import { writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type CaseName, createCases, type Sample, type Task } from './cases.ts'
import { compile } from './compile.ts'
import { type Data, firstRows, repeated, writeData } from './data.ts'
import { measureIdle } from './idle.ts'
import { measureLatency } from './latency.ts'
import { shareAlike } from './limit.ts'
import { measureMemory } from './memory.ts'
import { record } from './results.ts'
import { measureSeen } from './see.ts'
import { measureStart } from './start.ts'
import { syslogNgVersion } from './syslog-ng.ts'
import { formatTable, type Row } from './table.ts'
import { temporaryFolder } from './temporary.ts'
import { idleRow, latencyRow, memoryRow, seenRows, startRow, throughputRows } from './verdicts.ts'

const usage = `npm run bench -- [options]
  --rows N          rows in the simulated log (300000)
  --repeat N        how many such logs msgtrk and the limit read in one run (8); syslog-ng reads one
  --longest-row N   leave out rows with more bytes; 1112 gives 750 bytes per row (0: none)
  --runs N          runs of each program, taking turns (5)
  --backlog-gb N    size of the backlog for peak memory (1)
  --idle SECONDS    how long to look at the idle program (30)
  --only PARTS      some of throughput,memory,start,latency,seen,idle
  --record          write bench/results.md`

const parts = ['throughput', 'memory', 'start', 'latency', 'seen', 'idle'] as const

/** Enough for some ten seconds, of which the first third does not count. */
const eventsSeen = 5_000_000

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    repeat: { type: 'string', default: '8' },
    'longest-row': { type: 'string', default: '0' },
    runs: { type: 'string', default: '5' },
    'backlog-gb': { type: 'string', default: '1' },
    idle: { type: 'string', default: '30' },
    only: { type: 'string', default: parts.join(',') },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else await bench()

async function bench(): Promise<void> {
  const folder = temporaryFolder()
  say('writing the log')
  const data = await writeData(folder, {
    rows: Number(values.rows),
    longestRow: Number(values['longest-row']),
  })
  const limit = await compile('limit', folder)
  const simd = await compile('limit-simd', folder)
  const sink = await compile('sink', folder)
  const syslogNg = await syslogNgVersion()
  const notes = await describe(data, { folder, limit, simd, syslogNg })
  const rows: Row[] = []
  const part = async (name: (typeof parts)[number], measure: () => Promise<readonly Row[]>) => {
    if (!values.only.split(',').includes(name)) return
    try {
      rows.push(...(await measure()))
    } catch (error) {
      process.exitCode = 1
      const measured = `failed: ${(error as Error).message}`
      rows.push({ what: name, target: '', measured, ratio: '', met: false })
    }
  }
  await part('throughput', async () =>
    throughputRows(await inTurn(data, { folder, limit, simd, sink, hasSyslogNg: syslogNg !== null })),
  )
  await part('memory', async () => {
    say('memory')
    const backlogGb = Number(values['backlog-gb'])
    return [memoryRow(await measureMemory(folder, { log: data.file, backlogGb }))]
  })
  await part('start', async () => {
    const source = path.join(folder, 'start')
    await repeated(data.file, source, 1)
    const startsMs: number[] = []
    say('start')
    for (let run = 0; run < Number(values.runs) + 2; run++) {
      startsMs.push(await measureStart(folder, source))
    }
    return [startRow(startsMs)]
  })
  await part('latency', async () => {
    say('latency')
    return [latencyRow(await measureLatency(folder, { log: data.file, rate: 1000, seconds: 20 }))]
  })
  await part('seen', async () => {
    const runs = Number(values.runs)
    const tell = (text: string) => say(`seen: ${text}`)
    return seenRows(await measureSeen(folder, { data, sink, events: eventsSeen, runs, tell }))
  })
  await part('idle', async () => {
    say('idle')
    const seconds = Number(values.idle)
    if (seconds === 0) return []
    return [idleRow(await measureIdle(folder, { log: data.file, folders: 10, logsPerFolder: 2000, seconds }))]
  })
  const table = formatTable(rows)
  console.log(`${notes.join('\n')}\n\n${table}`)
  if (values.record) await record(notes, table)
}

/** Runs each case once, then each once more, and so on. */
async function inTurn(
  data: Data,
  task: Pick<Task, 'folder' | 'limit' | 'simd' | 'sink' | 'hasSyslogNg'>,
): Promise<ReadonlyMap<CaseName, readonly Sample[]>> {
  const { folder } = task
  const repeat = Number(values.repeat)
  const source = path.join(folder, 'logs')
  const oneRow = path.join(folder, 'one.LOG')
  const { header, rows } = await firstRows(data.file, 1)
  await writeFile(oneRow, header + rows.join(''))
  const cases = await createCases({
    ...task,
    source,
    oneRow,
    logs: await repeated(data.file, source, repeat),
    rows: data.rows * repeat,
    log: data.file,
    rowsOfLog: data.rows,
  })
  const samples = new Map<CaseName, Sample[]>()
  for (let run = 1; run <= Number(values.runs); run++) {
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

/** The machine and the data, in sentences. */
async function describe(
  { file, rows, bytesPerRow }: Data,
  {
    folder,
    limit,
    simd,
    syslogNg,
  }: Pick<Task, 'folder' | 'limit' | 'simd'> & { readonly syslogNg: string | null },
): Promise<readonly string[]> {
  const { model = 'unknown' } = cpus()[0] ?? {}
  const alike = async (program: string) => `${((await shareAlike(program, file, folder)) * 100).toFixed(2)} %`
  return [
    `- Machine: ${model}, ${cpus().length} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ` +
      `${process.platform} ${release()} (${arch()}), Node.js ${process.versions.node}.`,
    `- Data: ${rows.toLocaleString('en-US')} simulated rows of ${bytesPerRow.toFixed(0)} bytes on average, ` +
      `${values.repeat} times; ${values.runs} runs each, in turn.`,
    limit
      ? `- Limit in C: bench/limit.c, cc -O2; ${await alike(limit)} of its events are msgtrk's byte for byte.`
      : '- Limit in C: left out, there is no compiler.',
    simd
      ? `- SIMD limit: bench/limit-simd.c, with AVX2; ${await alike(simd)} of its events are msgtrk's byte for byte.`
      : '- SIMD limit: left out, there is no compiler or no processor with AVX2.',
    syslogNg
      ? `- syslog-ng ${syslogNg}: columns to CEF over TCP, with flow control.`
      : '- syslog-ng: left out, it is not installed.',
    '- Absolute figures are of this machine. Ratios of programs are the median of those within each turn.',
  ]
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
