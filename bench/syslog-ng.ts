/** syslog-ng doing the same: reads a log, takes it apart, and sends every row as CEF over TCP. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { syslogNgProgram } from '../test/peers/programs.ts'
import { killChild, startChild } from './children.ts'
import { cpuMsOf, memoryOf, type Usage } from './measure.ts'
import type { Sink } from './sink.ts'

/** The columns of Exchange 2016 and later, as the values of a row are called here. */
const columns =
  'time clientIp clientHost serverIp serverHost context connector source event internalId messageId networkId ' +
  'recipients status bytes count related reference subject sender returnPath info direction tenant originalClientIp ' +
  'originalServerIp custom traffic logId schema'

/** CEF key and what it is copied from. */
const copied =
  'dst=clientIp dhost=clientHost duser=recipients dvc=serverIp dvchost=serverHost cn1=count cs1=internalId ' +
  'cs2=messageId cs3=reference cs4=connector cs5=context cs6=returnPath cat=source sourceServiceName=source rt=time ' +
  'flexString1=direction msg=subject src=originalClientIp suser=sender adcustomdata=custom admessageinfo=info ' +
  'adnetworkmessageid=networkId adrecipientstatus=status adrelatedrecipientaddress=related adtransporttraffictype=traffic'

const labels = {
  cn1: 'Recipient Count',
  cs1: 'Internal Message ID',
  cs2: 'Message ID',
  cs3: 'Reference',
  cs4: 'Connector ID',
  cs5: 'Source Context',
  cs6: 'Return Path',
  flexString1: 'Directionality',
}

/** Its version; null when it is not installed. */
export async function syslogNgVersion(): Promise<string | null> {
  if (!existsSync(syslogNgProgram)) return null
  const { stdout } = await promisify(execFile)(syslogNgProgram, ['--version'], { timeout: 15_000 })
  return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'of unknown version'
}

/** Lets it send a log of so many rows; it is killed when they are there, since it never ends by itself. */
export async function measureSyslogNg(
  folder: string,
  { log, rows, sink, timeoutMs }: { log: string; rows: number; sink: Sink; timeoutMs: number },
): Promise<Usage> {
  const file = path.join(folder, 'syslog-ng.conf')
  const overTcp = (template: string) =>
    `network("127.0.0.1" port(${sink.port}) transport("tcp") log-fifo-size(20000) flush-lines(1000)
    template("<134>$S_DATE $HOST ${template}"))`
  await writeFile(file, syslogNgConfiguration(log, overTcp))
  const startMs = performance.now()
  const child = startChild(syslogNgProgram, syslogNgArguments(folder, file), {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    await sink.waitFor(rows, timeoutMs)
    const wallMs = performance.now() - startMs
    const cpuMs = cpuMsOf(child.pid as number)
    return { wallMs, cpuMs, userMs: Number.NaN, peakMb: memoryOf(child.pid as number).peakMb }
  } finally {
    await killChild(child)
  }
}

/** How it is started: with all that it keeps in a folder. */
export function syslogNgArguments(folder: string, file: string): readonly string[] {
  const at = (name: string) => path.join(folder, name)
  return [
    ...['--foreground', '--no-caps', '--cfgfile', file],
    ...['--persist-file', at('persist'), '--pidfile', at('pid'), '--control', at('control')],
  ]
}

/** That it reads a log and hands every row on as CEF; `driver`: where to, for the template of a line. */
export function syslogNgConfiguration(log: string, driver: (template: string) => string): string {
  const named = columns.split(' ').map((column) => `".row.${column}"`)
  const set = (value: string, key: string, condition = '') =>
    `  set("${value}" value(".cef.${key}")${condition && ` condition(${condition})`});`
  const rewrites = [
    set(`\${.row.bytes}`, 'in', `"\${.row.event}" eq "RECEIVE"`),
    set(`\${.row.bytes}`, 'out', `"\${.row.event}" ne "RECEIVE"`),
    ...copied.split(' ').map((copy) => {
      const [key = '', column] = copy.split('=')
      return set(`\${.row.${column}}`, key)
    }),
    ...Object.entries(labels).map(([key, label]) => set(label, `${key}Label`)),
  ]
  const event = `\${.row.event}`
  const line = `CEF:0|Microsoft|Exchange Server|15.01|${event}|${event}|3|$(format-cef-extension --subkeys .cef.)\\n`
  return `@version: current
options { stats-freq(0); keep-hostname(yes); log-msg-size(65536); use-dns(no); dns-cache(no); };
source tracking {
  file("${log}" flags(no-parse) follow-freq(0.1) read-old-records(yes) log-fetch-limit(1000) log-iw-size(10000));
};
parser fields {
  csv-parser(columns(${named.join(', ')}) delimiters(",") flags(escape-double-char, strip-whitespace)
    quote-pairs('""'));
};
rewrite cef {
${rewrites.join('\n')}
};
destination siem {
  ${driver(line)};
};
log { source(tracking); parser(fields); rewrite(cef); destination(siem); flags(flow-control); };
`
}
