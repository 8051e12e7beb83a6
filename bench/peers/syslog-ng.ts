/** syslog-ng: its csv-parser takes rows apart, `format-cef-extension` escapes. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { syslogNgProgram } from '../../test/peers/programs.ts'
import { columns, copied, labels } from './mapping.ts'
import type { Peer } from './peer.ts'

/** null when it is not installed. */
export async function findSyslogNg(): Promise<Peer | null> {
  if (!existsSync(syslogNgProgram)) return null
  const { stdout } = await promisify(execFile)(syslogNgProgram, ['--version'], { timeout: 15_000 })
  return {
    name: 'syslog-ng',
    version: /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'of unknown version',
    how: 'csv-parser and format-cef-extension, with flow control; values are neither cut nor checked',
    async prepare({ folder, log, port }) {
      const file = path.join(folder, 'syslog-ng.conf')
      const overTcp = (template: string) =>
        `network("127.0.0.1" port(${port}) transport("tcp") log-fifo-size(20000) flush-lines(1000)
    template("<134>$S_DATE $HOST ${template}"))`
      await writeFile(file, syslogNgConfiguration(log, overTcp))
      return { command: syslogNgProgram, args: syslogNgArguments(folder, file) }
    },
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
  const named = (column: string) => `.row.${column.replaceAll('-', '_')}`
  const set = (value: string, key: string, condition = '') =>
    `  set("${value}" value(".cef.${key}")${condition && ` condition(${condition})`});`
  const event = `\${${named('event-id')}}`
  const rewrites = [
    set(`\${${named('total-bytes')}}`, 'in', `"${event}" eq "RECEIVE"`),
    set(`\${${named('total-bytes')}}`, 'out', `"${event}" ne "RECEIVE"`),
    ...[...copied].map(([key, column]) => set(`\${${named(column)}}`, key)),
    ...[...labels].map(([key, label]) => set(label, `${key}Label`)),
  ]
  const line = `CEF:0|Microsoft|Exchange Server|15.01|${event}|${event}|3|$(format-cef-extension --subkeys .cef.)\\n`
  return `@version: current
options { stats-freq(0); keep-hostname(yes); log-msg-size(65536); use-dns(no); dns-cache(no); };
source tracking {
  file("${log}" flags(no-parse) follow-freq(0.1) read-old-records(yes) log-fetch-limit(1000) log-iw-size(10000));
};
parser fields {
  csv-parser(columns(${columns.map((column) => `"${named(column)}"`).join(', ')}) delimiters(",")
    flags(escape-double-char, strip-whitespace) quote-pairs('""'));
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
