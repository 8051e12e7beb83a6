/**
 * Delivery into a file, in each format, beside the file destination of syslog-ng: the same rows, each program alone and from its start
 * until all events are there. `npm run bench:files -- --rows 500000`; msgtrk says of none that it is delivered before it
 * is on disk, syslog-ng does not ask.
 */
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { syslogNgProgram } from '../test/peers/programs.ts'
import { killChild, startChild } from './children.ts'
import { writeData } from './data.ts'
import { cpuMsOf, measure, memoryOf, type Usage } from './measure.ts'
import { msgtrk } from './msgtrk.ts'
import { findSyslogNg, syslogNgArguments, syslogNgConfiguration } from './peers/syslog-ng.ts'
import { temporaryFolder } from './temporary.ts'

const formats = ['cef', 'json', 'raw'] as const
const timeoutMs = 300_000
const lookMs = 20

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '500000' }, tries: { type: 'string', default: '3' } },
})
const folder = temporaryFolder()
const { file: log, rows } = await writeData(path.join(folder, 'logs'), {
  rows: Number(values.rows),
  longestRow: 0,
})
const headerLines = (await readFile(log, 'latin1')).match(/^(?:\xef\xbb\xbf)?#/gm)?.length ?? 0
const syslogNg = await findSyslogNg()
for (let number = 1; number <= Number(values.tries); number++) {
  for (const format of formats) tell(`msgtrk, ${format}`, await measureMsgtrk(number, format))
  if (syslogNg !== null) tell(`syslog-ng ${syslogNg.version}`, await measureSyslogNgFile(number))
}

async function measureMsgtrk(number: number, format: (typeof formats)[number]): Promise<Usage> {
  const place = path.join(folder, `msgtrk-${number}-${format}`)
  const out = path.join(place, 'out')
  await mkdir(out, { recursive: true })
  const config = path.join(place, 'msgtrk.json')
  await writeFile(
    config,
    JSON.stringify({
      state: path.join(place, 'state'),
      log: { level: 'error' },
      sources: [{ name: 'EX1', folder: path.dirname(log) }],
      destinations: [{ name: 'file', to: `file://${out}/%S.log`, format }],
    }),
  )
  const { command, args } = msgtrk('run', '--config', config, '--once')
  const usage = await measure(command, args, { timeoutMs })
  const [name = ''] = (await readdir(out)).filter((each) => each.endsWith('.log'))
  const lines = (await linesIn(path.join(out, name))) - (format === 'raw' ? headerLines : 0)
  if (lines !== rows) throw new Error(`${lines} lines of ${rows}`)
  return usage
}

async function measureSyslogNgFile(number: number): Promise<Usage> {
  const place = path.join(folder, `syslog-ng-${number}`)
  await mkdir(place)
  const out = path.join(place, 'out.cef')
  const config = path.join(place, 'syslog-ng.conf')
  const driver = (template: string) =>
    `file("${out}" log-fifo-size(20000) flush-lines(1000) template("${template}"))`
  await writeFile(config, syslogNgConfiguration(log, driver))
  const startMs = performance.now()
  const child = startChild(syslogNgProgram, syslogNgArguments(place, config), {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    for (let before = -1; ; await sleep(lookMs)) {
      const size = existsSync(out) ? (await stat(out)).size : 0
      // Counting is left until it rests: it takes as long as some writing.
      if (size === before && size > 0 && (await linesIn(out)) >= rows) break
      before = size
      if (performance.now() - startMs > timeoutMs) throw new Error('syslog-ng takes too long')
    }
    const wallMs = performance.now() - startMs
    const pid = child.pid as number
    return { wallMs, cpuMs: cpuMsOf(pid), userMs: Number.NaN, peakMb: memoryOf(pid).peakMb }
  } finally {
    await killChild(child)
  }
}

async function linesIn(file: string): Promise<number> {
  let lines = 0
  for await (const bytes of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  }
  return lines
}

function tell(program: string, { wallMs, cpuMs, peakMb }: Usage): void {
  const perSecond = Math.round((rows / wallMs) * 1000).toLocaleString('en')
  const perEvent = ((cpuMs / rows) * 1000).toFixed(2)
  process.stdout.write(
    `${program}: ${rows} rows, ${perSecond}/s, ${perEvent} µs CPU an event, ${Math.round(peakMb)} MB\n`,
  )
}
