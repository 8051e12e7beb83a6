/**
 * Fails when converting has become much more expensive: `npm run bench:guard`, in less than a minute. User CPU of
 * `msgtrk convert` as a ratio, so that any machine will do: against the limits in C or, without a compiler, against a
 * loop in JavaScript over the same bytes. `-- --record` keeps this machine's ratio as the one to compare with.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compile } from './compile.ts'
import { repeated, writeData } from './data.ts'
import { limitOf } from './limit.ts'
import { measure } from './measure.ts'
import { type CommandLine, msgtrk } from './msgtrk.ts'
import { temporaryFolder } from './temporary.ts'

const rows = 30_000
const repeat = 10
const runs = 3
/** Another machine, another compiler, another Node.js: what is above is no accident. */
const tolerance = 2
const timeoutMs = 60_000
const file = fileURLToPath(new URL('guard.json', import.meta.url))

/** User CPU of convert in relation to that of another program, over the same logs. */
interface Ratios {
  readonly toLimit: number | null
  readonly toSimd: number | null
  readonly toLoop: number
}

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } })
const folder = temporaryFolder()
const found = await measureRatios()
if (values.record) {
  await writeFile(file, `${JSON.stringify(found, null, 2)}\n`)
  console.log(`recorded: ${described(found)}`)
} else {
  judge(found, JSON.parse(await readFile(file, 'utf8')) as Ratios)
}

/** Least of several runs in turn: what disturbs only ever adds. */
async function measureRatios(): Promise<Ratios> {
  const { file: log } = await writeData(folder, { rows, longestRow: 0 })
  const logs = await repeated(log, path.join(folder, 'logs'), repeat)
  const limit = await compile('limit', folder)
  const simd = await compile('limit-simd', folder)
  const bytes = await readFile(log)
  const least = {
    convert: Number.POSITIVE_INFINITY,
    limit: Number.POSITIVE_INFINITY,
    simd: Number.POSITIVE_INFINITY,
    loop: Number.POSITIVE_INFINITY,
  }
  for (let run = 0; run < runs; run++) {
    least.convert = Math.min(least.convert, await userMs(msgtrk('convert', '--syslog', 'rfc3164', ...logs)))
    if (limit !== null) least.limit = Math.min(least.limit, await userMs(limitOf(limit, logs)))
    if (simd !== null) least.simd = Math.min(least.simd, await userMs(limitOf(simd, logs)))
    least.loop = Math.min(least.loop, loopMs(bytes))
  }
  return {
    toLimit: limit === null ? null : round(least.convert / least.limit),
    toSimd: simd === null ? null : round(least.convert / least.simd),
    toLoop: round(least.convert / least.loop),
  }
}

async function userMs({ command, args }: CommandLine): Promise<number> {
  return (await measure(command, args, { timeoutMs })).userMs
}

/** User CPU of looking at each byte as often as the logs repeat it. */
function loopMs(bytes: Buffer): number {
  const before = process.cpuUsage()
  let commas = 0
  for (let pass = 0; pass < repeat; pass++) {
    for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x2c) commas++
  }
  if (commas === 0) throw new Error('there is no comma in the log')
  return process.cpuUsage(before).user / 1000
}

function judge(found: Ratios, recorded: Ratios): void {
  const inC = (
    [
      ['the limit in C', found.toLimit, recorded.toLimit],
      ['the limit with SIMD', found.toSimd, recorded.toSimd],
    ] as const
  ).flatMap(([name, now, then]) => (now === null || then === null ? [] : [{ name, now, before: then }]))
  const loop = { name: 'a loop over the same bytes', now: found.toLoop, before: recorded.toLoop }
  for (const ratio of inC.length > 0 ? inC : [loop]) judgeOne(ratio)
}

function judgeOne({
  name,
  now,
  before,
}: {
  readonly name: string
  readonly now: number
  readonly before: number
}): void {
  const most = round(before * tolerance)
  const fact = `msgtrk convert takes ${now} times the user CPU of ${name}; recorded are ${before}, allowed ${most}`
  if (now <= most) {
    console.log(`bench:guard: fine: ${fact}`)
    return
  }
  console.error(
    `bench:guard: too slow: ${fact}. Find out why with node --cpu-prof, or, if it is worth it, record the new ` +
      'ratio with npm run bench:guard -- --record.',
  )
  process.exitCode = 1
}

function described({ toLimit, toSimd, toLoop }: Ratios): string {
  return `${toLimit ?? 'no'} times the limit in C, ${toSimd ?? 'no'} times that with SIMD, ${toLoop} times a loop over the same bytes`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
