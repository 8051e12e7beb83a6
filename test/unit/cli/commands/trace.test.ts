import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { explainCommand } from '../../../../src/cli/commands/explain.ts'
import { traceCommand } from '../../../../src/cli/commands/trace.ts'
import { knownColumns } from '../../../../src/records/layouts.ts'
import { output, problemsOf } from '../../../support/command.ts'

const id = '<a1@Partner.example>'
const networkId = '6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const date = '2026-11-20T14:00:00.000Z'
const columns = knownColumns['2016']

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-trace-'))
})
afterEach(async () => {
  process.exitCode = 0
  await rm(folder, { recursive: true })
})

type Values = Readonly<Record<string, string>>

/** A row of the mail, `seconds` after 14:00. */
function row(seconds: number, event: string, values: Values = {}): string {
  const time = new Date(Date.parse(date) + seconds * 1000).toISOString()
  const all: Values = {
    'date-time': time,
    'event-id': event,
    source: 'SMTP',
    'message-id': id,
    'network-message-id': networkId,
    'recipient-address': 'ann@contoso.example',
    'sender-address': 'carol@partner.example',
    ...values,
  }
  return `${columns.map((name) => all[name] ?? '').join()}\r\n`
}

const noise = (seconds: number) =>
  row(seconds, 'SEND', { 'message-id': '<b@x.example>', 'network-message-id': 'b' })

function header(names: readonly string[] = columns, stamp = date): string {
  return `#Software: Microsoft Exchange Server\r\n#Version: 15.01.2507.006\r\n#Log-type: Message Tracking Log\r\n#Date: ${stamp}\r\n#Fields: ${names.join()}\r\n`
}

async function write(name: string, text: string | Buffer): Promise<string> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

/** The positions of a destination: offsets by file id; -1 for a mark of where a source began. */
async function positions(destination: string, offsets: Readonly<Record<string, number>>): Promise<void> {
  const entries = Object.entries(offsets).map(([file, offset]) => ({
    file,
    offset: Math.max(0, offset),
    header: offset > 0 ? 0 : -1,
  }))
  await write(`state/${destination}/positions.json`, JSON.stringify({ version: 1, positions: entries }))
}

const trace = (...args: string[]) => output(traceCommand, args)

interface TracedJson {
  readonly rows: readonly {
    readonly event: string
    readonly file: string
    readonly line: number
    readonly destinations: readonly {
      readonly destination: string
      readonly fate: string
      readonly why: string
    }[]
  }[]
  readonly related: readonly { readonly id: string }[]
  readonly near: readonly { readonly id: string; readonly line: number; readonly column: string }[]
  readonly searched: { readonly bytes: number; readonly files: number }
}

const json = async (...args: string[]): Promise<TracedJson> => JSON.parse(await trace('--json', ...args))

/** Three servers, two destinations, and a row in every state. */
async function everyState(): Promise<string> {
  const first =
    header() +
    row(1, 'RECEIVE', { 'sender-address': `${'a'.repeat(60)}@partner.example` }) +
    row(2, 'AGENTINFO')
  const bad = '2026-11-20T14:00:05.000Z,<a1@Partner.example>,no record\r\n'
  const ex1 = await write('EX01/MSGTRK2026112014-1.LOG', first + noise(3) + row(8, 'SEND') + bad)
  await write('EX01/MSGTRK2026112014-2.LOG', header() + row(4, 'DELIVER'))
  const ex2 = await write(
    'EX02/MSGTRKMD2026112014-1.LOG',
    header(columns, '2026-11-20T13:00:00.000Z') + row(-60, 'SUBMIT') + row(6, 'DELIVER'),
  )
  await write('EX02/MSGTRKMS2026112014-1.LOG', header() + row(7, 'SUBMIT'))
  await write('EX03/MSGTRK2026112014-1.LOG', header() + row(0, 'HAREDIRECT'))
  await write('elsewhere/MSGTRK2026112014-1.LOG', header() + row(9, 'FAIL'))
  await write(
    'state/siem/dead-letters.ndjson',
    `${JSON.stringify({ time: date, file: ex1, offset: first.length + noise(3).length + row(8, 'SEND').length, reason: '3 columns', line: '' })}\n` +
      `${JSON.stringify({ time: date, file: ex2, offset: 5, reason: `rejected by siem: too strange (2 events from bytes 5 to ${header().length + row(-60, 'SUBMIT').length} of the file)`, line: '' })}\n{"time`,
  )
  await positions('siem', {
    [`EX01/MSGTRK2026112014-1.LOG#${date}`]: first.length,
    'EX02/2026-11-20T14:00:00.000Z': -1,
    'EX02/MSGTRKMD2026112014-1.LOG#2026-11-20T13:00:00.000Z': 5000,
    [`EX03/MSGTRK2026112014-1.LOG#${date}`]: 5000,
    'EX03/': -1,
  })
  return write(
    'msgtrk.yaml',
    `state: state
sources:
  - { name: EX01, folder: EX01 }
  - { name: EX02, folder: EX02, pattern: 'MSGTRKMD*.LOG', startAt: '${date}' }
  - { name: EX03, folder: EX03, startAt: end }
destinations:
  - { name: siem, to: 'udp://siem.example', filter: { not: { events: [AGENTINFO] } } }
  - { name: archive, to: 'udp://archive.example' }
`,
  )
}

describe('with a configuration', () => {
  test('every row of three servers is told in order of time, with what became of it for each destination', async () => {
    const config = await everyState()
    const { rows } = await json('--config', config, '--from', path.join(folder, 'elsewhere'), '--', id)
    const fates = (name: string) =>
      rows.map(({ event, destinations }) => {
        const { fate, why } = destinations.find(({ destination }) => destination === name)!
        return [event, fate, why]
      })
    expect(fates('siem')).toEqual([
      [
        'SUBMIT',
        'deadLetter',
        expect.stringMatching(/^rejected by siem: too strange.*in .*dead-letters\.ndjson\)$/),
      ],
      ['HAREDIRECT', 'settled', expect.stringContaining('written before source EX03 began')],
      ['RECEIVE', 'settled', ''],
      ['AGENTINFO', 'filtered', 'by filter.not.events: AGENTINFO'],
      ['DELIVER', 'notYet', 'nothing of its log is settled; no instance of msgtrk is running'],
      ['DELIVER', 'settled', ''],
      ['SUBMIT', 'notRead', expect.stringContaining('MSGTRKMD*.LOG, the pattern of source EX02')],
      ['SEND', 'notYet', expect.stringMatching(/^\d+ bytes of its log come before it; no instance/)],
      ['FAIL', 'notRead', 'its folder is that of no source'],
      ['', 'deadLetter', expect.stringContaining('3 columns (in')],
    ])
    expect(fates('archive')).toContainEqual([
      'RECEIVE', 'notYet', 'nothing of source EX01 is settled; no instance of msgtrk is running',
    ]) // biome-ignore format: a list of words
    expect(fates('archive')[0]).toEqual(['SUBMIT', 'beforeStart', expect.stringContaining(date)])
    expect(process.exitCode ?? 0).toBe(0)
  })

  test('what is told as FILE:LINE is what explain takes, and that says the same', async () => {
    const config = await everyState()
    const { rows } = await json('--config', config, '--', id)
    for (const { event, file, line, destinations } of rows.filter(({ event }) => event !== '')) {
      const shown = await output(explainCommand, [
        '--config',
        config,
        '--destination',
        'siem',
        `${file}:${line}`,
      ])
      expect(shown).toMatch(new RegExp(`header: event class id +${event}\n`))
      const { why } = destinations.find(({ destination }) => destination === 'siem')!
      expect(shown).toMatch(/\nWhat became of it: /)
      expect(shown.split('\n').find((text) => text.startsWith('What became of it'))).toContain(why)
    }
    const bad = rows.find(({ event }) => event === '')!
    const problem = await problemsOf(
      output(explainCommand, ['--config', config, '--destination', 'siem', `${bad.file}:${bad.line}`]),
    )
    expect(problem).toContain('; siem: dead letter: 3 columns (in ')
  })

  test('explain says that a file belongs to no source', async () => {
    const config = await everyState()
    const file = path.join(folder, 'elsewhere/MSGTRK2026112014-1.LOG')
    const shown = await output(explainCommand, ['--config', config, '--destination', 'siem', `${file}:6`])
    expect(shown).toMatch(
      /^destination siem, no source, .*\nWhat became of it: not read: its folder is that of no source\n/,
    )
  })

  test('nothing in the state folder is touched', async () => {
    const config = await everyState()
    const file = path.join(folder, 'state/siem/positions.json')
    const before = await readFile(file, 'utf8')
    await trace('--config', config, '--', id)
    expect(await readFile(file, 'utf8')).toBe(before)
    await expect(readFile(path.join(folder, 'state/lock'))).rejects.toThrow()
  })

  test('positions that can not be read end it with 3, and the rows are told all the same', async () => {
    const config = await everyState()
    await write('state/siem/positions.json', '{')
    const text = await trace('--config', config, '--', id)
    expect(text).toContain('the positions can not be read')
    expect(text).toContain('state reset')
    expect(process.exitCode).toBe(3)
  })

  test('the command that explains a row is whole: it names a destination where there are several', async () => {
    const config = await everyState()
    const text = await trace('--config', config, '--', id)
    const [, args = ''] = /^ {2}msgtrk explain (.*) FILE:LINE$/m.exec(text) ?? []
    expect(args).toBe(`--config ${config} --destination siem`)
    const shown = await output(explainCommand, [
      ...args.split(' '),
      path.join(folder, 'EX01/MSGTRK2026112014-1.LOG:6'),
    ])
    expect(shown).toContain('What became of it: settled')
  })

  test('a log in a folder below that of a source is found where no other has the mail', async () => {
    const config = await everyState()
    const other = row(1, 'SEND', { 'message-id': '<old@x.example>', 'network-message-id': 'old' })
    await write('EX01/archive/MSGTRK2026111914-1.LOG', header() + other)
    const { rows, searched } = await json('--config', config, '--', 'old@x.example')
    expect(rows.flatMap(({ destinations }) => destinations.map(({ why }) => why))).toEqual(
      Array(2).fill('it lies below the folder of source EX01, and folders below are not read'),
    )
    // Where it is found without it, an archive is not looked at.
    expect((await json('--config', config, '--', id)).searched.files).toBe(searched.files - 1)
  })

  test('what privacy changed is told of settled rows, and what to look for in its place', async () => {
    const log = header() + row(1, 'SEND')
    await write('EX01/MSGTRK2026112014-1.LOG', log)
    await write('hash.key', randomBytes(64).toString('hex'))
    const config = await write(
      'msgtrk.yaml',
      `state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - name: siem
    to: 'udp://siem.example'
    privacy: { columns: { message-id: hash, recipient-address: mask }, hashKey: '\${file:hash.key}' }
  - name: all
    to: 'udp://siem.example'
    privacy: { columns: { message-id: hash, network-message-id: mask }, hashKey: '\${file:hash.key}' }
  - { name: plain, to: 'udp://siem.example' }
`,
    )
    for (const name of ['siem', 'all', 'plain']) {
      await positions(name, { [`EX01/MSGTRK2026112014-1.LOG#${date}`]: log.length })
    }
    const [{ destinations } = { destinations: [] }] = (await json('--config', config, '--', id)).rows
    const whys = Object.fromEntries(destinations.map(({ destination, why }) => [destination, why]))
    const shown = await output(explainCommand, [
      ...['--config', config, '--destination', 'all', path.join(folder, 'EX01/MSGTRK2026112014-1.LOG:6')],
    ])
    const hashed = /^message-id +([0-9a-f]{32}) /m.exec(shown)?.[1]
    expect(hashed).toBeDefined()
    expect(whys).toEqual({
      siem: `privacy changed message-id, recipient-address: look there for network-message-id ${networkId}`,
      all: `privacy changed network-message-id, message-id: look there for message-id ${hashed}`,
      plain: '',
    })
  })

  test('a folder that is not there is told, and the others are searched', async () => {
    const config = await everyState()
    await rm(path.join(folder, 'EX03'), { recursive: true })
    const text = await trace('--config', config, '--', id)
    expect(text).toMatch(/Not all could be searched.*\n.*EX03: the folder of source EX03 can not be read/)
    expect(text).toContain('RECEIVE')
  })
})

describe('on a terminal', () => {
  test.each([80, 200])('tables fit %i columns, and only what is to be copied is longer', async (columns) => {
    const config = await everyState()
    let text = ''
    const stdout = { columns, write: (part: string) => (text += part) }
    await output(traceCommand, ['--config', config, '--', id], { stdout })
    const long = text.split('\n').filter((line) => line.length > columns)
    expect(long.filter((line) => !/LOG:\d+$|^ {2}msgtrk explain /.test(line))).toEqual([])
    expect(text).toContain(`${path.join(folder, 'EX01/MSGTRK2026112014-1.LOG')}:6\n`)
  })

  test('nothing in a log can command it', async () => {
    await write(
      'logs/MSGTRK2026112014-1.LOG',
      header() + row(1, 'SEND', { 'sender-address': '\u001b[2J@x', 'recipient-address': '\u202ea' }),
    )
    const text = await trace('--from', path.join(folder, 'logs'), '--', id)
    expect(text).toContain('\\u001b[2J@x → \\u202ea')
  })
})

describe('without a configuration', () => {
  test.each([id, 'a1@partner.EXAMPLE', networkId.toUpperCase()])('%s is found', async (asked) => {
    await write('logs/MSGTRK2026112014-1.LOG', header() + noise(0) + row(1, 'SEND'))
    const { rows, searched } = await json('--from', path.join(folder, 'logs'), '--', asked)
    expect(rows.map(({ event, line, destinations }) => [event, line, destinations])).toEqual([
      ['SEND', 7, []],
    ])
    expect(searched).toMatchObject({ files: 1, bytes: (header() + noise(0) + row(1, 'SEND')).length })
  })

  test('the header in force says what a line means, wherever it stands', async () => {
    const others = columns.toReversed()
    const turned = row(2, 'DELIVER').trimEnd().split(',').reverse().join()
    const log = [header(), row(1, 'SEND'), header(others), `${turned}\r\n`, header(), row(3, 'FAIL')].join('')
    await write('logs/MSGTRK2026112014-1.LOG', `\ufeff${log}`)
    const { rows } = await json('--from', path.join(folder, 'logs'), '--', id)
    expect(rows.map(({ event, line }) => [event, line])).toEqual([
      ['SEND', 6],
      ['DELIVER', 12],
      ['FAIL', 18],
    ])
  })

  test('logs that are packed or in UTF-16 are searched, too', async () => {
    const log = header() + row(1, 'SEND')
    await write('a.LOG.gz', gzipSync(log))
    await write('b.LOG', Buffer.from(`\ufeff${log}`, 'utf16le'))
    const files = ['a.LOG.gz', 'b.LOG'].map((name) => path.join(folder, name))
    const { rows } = await json('--from', ...files, '--', id)
    expect(rows.map(({ file, line }) => [path.basename(file), line])).toEqual([
      ['a.LOG.gz', 6],
      ['b.LOG', 6],
    ])
  })

  test('ids that help are told with the reason', async () => {
    const dsn = row(2, 'DSN', {
      'message-id': '<dsn@x.example>',
      reference: "'<other@x.example>';<a1@partner.example>",
    })
    const log = header() + row(1, 'SEND', { reference: '<before@x.example>' }) + dsn
    await write('logs/MSGTRK2026112014-1.LOG', log)
    const { rows, related } = await json('--from', path.join(folder, 'logs'), '--', id)
    expect(rows).toHaveLength(1)
    expect(related.map(({ id }) => id)).toEqual([networkId, 'before@x.example', 'dsn@x.example'])
  })

  test('of a part the ids are told that it is a part of, and it counts as not found', async () => {
    const log =
      header() +
      row(1, 'SEND') +
      row(2, 'DELIVER') +
      row(3, 'SEND', { 'message-id': '<a1@partner.example.org>' })
    await write('logs/MSGTRK2026112014-1.LOG', log)
    const { rows, near } = await json('--from', path.join(folder, 'logs'), '--', 'a1@partner')
    expect(rows).toEqual([])
    expect(near.map(({ id, line }) => [id, line])).toEqual([
      ['a1@Partner.example', 6],
      ['a1@partner.example.org', 8],
    ])
    expect(process.exitCode).toBe(1)
    expect(await trace('--from', path.join(folder, 'logs'), '--', 'a1@partner')).toMatch(
      /^No row of a1@partner\./,
    )
  })

  test('where no row is found, the folders that were searched are told, and how to search others', async () => {
    await write('logs/MSGTRK2026112014-1.LOG', header() + row(1, 'SEND'))
    const logs = path.join(folder, 'logs')
    const text = await trace('--from', logs, '--', 'nowhere@partner.example')
    expect(text).toContain(`No row of nowhere@partner.example.\n\nSearched:\n  ${logs}\n`)
    expect(text.replaceAll(/\s+/g, ' ')).toContain('name its folder with --from')
    expect(process.exitCode).toBe(1)
  })

  test('a subject that holds the id makes no row of its mail', async () => {
    const log =
      header() + row(1, 'SEND', { 'message-id': '<b@x.example>', 'message-subject': `about ${id} again` })
    await write('logs/MSGTRK2026112014-1.LOG', log)
    const { rows, near } = await json('--from', path.join(folder, 'logs'), '--', id)
    expect([rows, near.map(({ column }) => column)]).toEqual([[], ['message-subject']])
  })

  test('when it is stopped it says that not all was searched', async () => {
    await write('logs/MSGTRK2026112014-1.LOG', header() + noise(1))
    const told = await problemsOf(
      output(traceCommand, ['--from', path.join(folder, 'logs'), '--', id], { stop: AbortSignal.abort() }),
    )
    expect(told).toContain('stopped before all was searched')
  })

  test('mistakes are told', async () => {
    expect(await problemsOf(trace('--', id))).toContain('--from')
    expect(await problemsOf(trace('--from', folder, '--', 'a@b'))).toContain('too short')
    expect(await problemsOf(trace('--from', path.join(folder, 'nope'), '--', id))).toContain('not found')
  })
})
