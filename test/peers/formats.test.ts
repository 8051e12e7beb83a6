/** Lines of JSON and rows as they stand, read by programs that are not ours: jq, Python, syslog-ng. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createParser } from '../../src/parse/parser.ts'
import { fieldText } from '../../src/records/fields.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { Workplace } from '../support/program.ts'
import { nastyLogs } from './nasty-logs.ts'
import { describePeer, startPeer } from './peer.ts'
import { jqProgram, pythonProgram, syslogNgProgram } from './programs.ts'

const run = promisify(execFile)
const most = { maxBuffer: 2 ** 28 }

let place: Workplace
let leave: () => Promise<void>
/** As `convert` writes them. */
let lines: readonly string[]

async function writeLogs(): Promise<void> {
  place = await Workplace.open((put) => {
    leave = put
  })
  await place.simulate('logs', 2000)
  for (const { version, bytes } of nastyLogs(1, 1200)) await place.write(`logs/MSGTRK-${version}.LOG`, bytes)
  const { code, stdout } = await place.run(
    'convert',
    '--format',
    'json',
    '--unicode-controls',
    'breaks',
    'logs',
  )
  expect(code).toBe(0)
  await place.write('events.json', stdout)
  lines = stdout.toString().split('\n').slice(0, -1)
}

describePeer('jq', jqProgram, () => {
  beforeAll(writeLogs)
  afterAll(() => leave())

  test('reads every line of JSON as what it is', async () => {
    const { stdout } = await run(jqProgram, ['-c', '.', place.path('events.json')], most)
    const read = stdout.split('\n').slice(0, -1)
    expect(read).toHaveLength(lines.length)
    for (const [index, line] of lines.entries())
      expect(JSON.parse(read[index] ?? '')).toEqual(JSON.parse(line))
  })
})

/** What Python reads line by line, and writes again; a key that is there twice is a mistake. */
const readJson = `
import json, sys
def once(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)
for line in open(sys.argv[1], encoding='utf-8', newline='\\n'):
    print(json.dumps(json.loads(line, object_pairs_hook=once)))
`

/** The fields of all rows, by the csv module; header lines apart. */
const readRows = `
import csv, json, sys
with open(sys.argv[1], encoding='utf-8', errors='replace', newline='') as file:
    rows = csv.reader(line for line in file if not line.startswith('#'))
    for row in rows: print(json.dumps(row))
`

describePeer('Python', pythonProgram, () => {
  beforeAll(writeLogs)
  afterAll(() => leave())

  const python = async (script: string, file: string): Promise<readonly unknown[]> => {
    const { stdout } = await run(pythonProgram, ['-c', script, file], most)
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }

  test('reads every line of JSON, in which each key stands once', async () => {
    expect(await python(readJson, place.path('events.json'))).toEqual(lines.map((line) => JSON.parse(line)))
  })

  test('reads files of rows as CSV under their header', async () => {
    // As Exchange writes them: rows with stray quotes are anybody's guess.
    await place.simulate('honest', 2000)
    await mkdir(place.path('out'))
    const to = `file://${place.path('out')}/rows.csv`
    const config = { state: 'state', sources: [{ folder: 'honest' }], destinations: [{ to, format: 'raw' }] }
    await place.write('msgtrk.yaml', JSON.stringify(config))
    expect((await place.run('run', '--config', 'msgtrk.yaml', '--once')).code).toBe(0)
    const file = place.path('out', 'rows.csv')
    const parse = createParser()
    const rows: string[][] = []
    for await (const chunk of fileChunks(file)) {
      for (const records of parse(chunk).runs) {
        for (let row = 0; row < records.count; row++) {
          rows.push(records.layout.columns.map((_, column) => fieldText(records, row, column)))
        }
      }
    }
    expect(rows.length).toBeGreaterThan(1900)
    expect(await python(readRows, file)).toEqual(rows)
  })
})

describePeer('syslog-ng', [syslogNgProgram], () => {
  beforeAll(writeLogs)
  afterAll(() => leave())

  test('takes lines of JSON over TCP, and its parser finds every value', async () => {
    const folder = place.path('syslog-ng')
    await mkdir(folder)
    const at = (name: string) => path.join(folder, name)
    const peer = await startPeer({ folder, protocol: 'tcp' }, async (port, { messages, events }) => {
      await place.write(
        'syslog-ng/syslog-ng.conf',
        `@version: current
options { stats-freq(0); log-msg-size(262144); };
source from_msgtrk { network(ip("127.0.0.1") port(${port}) transport("tcp") flags(no-parse, store-raw-message)); };
parser as_json { json-parser(prefix(".j.")); };
destination disk {
  file("${messages}" template("$RAWMSG\\n"));
  file("${events}" template("$(format-json --key .j.* --rekey .j.* --shift-levels 2)\\n"));
};
log { source(from_msgtrk); parser(as_json); destination(disk); flags(flow-control); };
`,
      )
      return {
        command: syslogNgProgram,
        args: [
          ['--foreground', '--no-caps', '--cfgfile', at('syslog-ng.conf')],
          ['--persist-file', at('persist'), '--pidfile', at('pid'), '--control', at('control')],
        ].flat(),
      }
    })
    onTestFinished(() => peer.kill())
    const destination = { to: `tcp://127.0.0.1:${peer.port}`, format: 'json', confirmAfterMs: 200 }
    const config = { state: 'state-tcp', sources: [{ folder: 'logs' }], destinations: [destination] }
    await place.write('tcp.yaml', JSON.stringify(config))
    const { code, stderr } = await place.run('run', '--config', 'tcp.yaml', '--once')
    expect(code, stderr).toBe(0)
    await vi.waitFor(async () => expect((await peer.events()).length).toBeGreaterThanOrEqual(lines.length), {
      timeout: 15_000,
      interval: 50,
    })
    await peer.stop()
    const received = (await peer.lines()).map((line) => Buffer.from(line, 'latin1').toString())
    expect([...received].sort()).toEqual([...lines].sort())
    const events = (await peer.events()).map((line) => Buffer.from(line, 'latin1').toString())
    expect(events).toHaveLength(received.length)
    for (const [index, line] of received.entries()) {
      expect(flat(JSON.parse(events[index] ?? ''))).toEqual(flat(JSON.parse(line)))
    }
  })
})

/** Dots in names nest there, and what a version of it knows of types is no matter. */
function flat(object: object, prefix = ''): Readonly<Record<string, string>> {
  return Object.assign(
    {},
    ...Object.entries(object).map(([name, value]) =>
      typeof value === 'object' ? flat(value, `${prefix}${name}.`) : { [`${prefix}${name}`]: String(value) },
    ),
  )
}
