import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { explainCommand } from '../../../../src/cli/commands/explain.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { told } from '../../../support/told.ts'

const fixtures = path.resolve(import.meta.dirname, '../../../../fixtures')

let folder: string
let log: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-explain-'))
  log = path.join(folder, 'MSGTRK2026112014-1.LOG')
  await writeFile(log, await readFile(path.join(fixtures, 'exchange-2016.log')))
})
afterEach(() => rm(folder, { recursive: true }))

async function explain(...args: string[]): Promise<string> {
  let printed = ''
  const stdout = {
    write(text: string | Uint8Array) {
      printed += text
      return true
    },
  }
  await explainCommand({ stop: new AbortController().signal, stdout }).parseAsync(args, { from: 'user' })
  return printed
}

async function problemOf(...args: string[]): Promise<unknown> {
  const error = await explain(...args).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  return error.problems[0]
}

/** A configuration with this source and these destinations, each given as its settings. */
async function configuration(source: string, ...destinations: string[]): Promise<string> {
  const file = path.join(folder, 'msgtrk.yaml')
  const list = destinations.map((settings) => `  - { to: udp://siem.example, ${settings} }\n`).join('')
  await writeFile(file, `sources: [{ name: EX01, folder: '${folder}', ${source} }]\ndestinations:\n${list}`)
  return file
}

/** The cells of the first line that begins with `first`. */
function cellsOf(output: string, first: string): readonly string[] {
  const line = output.split('\n').find((line) => line.trimStart().startsWith(`${first} `)) ?? ''
  return line.trim().split(/ {2,}/)
}

describe('without a configuration', () => {
  test('the columns are shown, and the bare event line', async () => {
    const shown = await explain(`${log}:7`)
    expect(shown).toMatch(/^mapping exchange-2013\.v1, 30 columns, CEF:0\n\ncolumn /)
    expect(cellsOf(shown, 'client-ip')).toEqual(['client-ip', '10.1.1.11', 'dst', '10.1.1.11'])
    expect(shown.trimEnd().split('\n').at(-1)).toMatch(/^CEF:0\|Microsoft\|/)
    expect(shown).not.toContain('message of')
  })

  test('recipients and categories are those of the command line', async () => {
    const categories = path.join(folder, 'categories.csv')
    await writeFile(categories, 'event.deviceEventClassId,set.event.categoryOutcome\nRECEIVE,/Success\n')
    const shown = await explain('--recipients', 'each', '--categories', categories, `${log}:6`)
    expect(shown).toContain('event 1 of 2:')
    const events = shown.split('\n').filter((line) => line.startsWith('CEF:0|'))
    expect(events).toHaveLength(2)
    for (const event of events) expect(event).toContain(' categoryOutcome=/Success ')
  })

  test('--destination is a mistake', async () => {
    expect(await problemOf('--destination', 'siem', log)).toMatchObject({
      where: { option: '--destination' },
    })
  })
})

describe('with a configuration', () => {
  test('each rule of the filter says what it does', async () => {
    const config = await configuration(
      'pattern: MSGTRK*.LOG',
      "name: siem, events: [SEND, RECEIVE], filter: { not: { senders: ['@partner.example'] } }",
    )
    const dropped = await explain('--config', config, `${log}:6`)
    expect(dropped).toContain('\nleft out by the filter')
    expect(dropped).toMatch(
      /^ {2}holds {2,}events: SEND, RECEIVE\n {2}does not {2}filter\.not\n {2}holds {2,}filter\.not\.senders: @partner\.example$/m,
    )
    expect(await explain('--config', config, `${log}:7`)).toContain('\ndelivered, since every rule holds:\n')
  })

  test('a row for Sentinel is shown as it is posted', async () => {
    const file = path.join(folder, 'sentinel.yaml')
    const to = `sentinel://x.ingest.monitor.azure.com/dcr-${'0'.repeat(32)}`
    const configFor = (stream: string) =>
      `sources: [{ name: EX01, folder: '${folder}' }]\ndestinations: [{ name: a, to: ${to}/${stream} }]\n`
    const rowIn = (text: string) => JSON.parse(text.split('\n').find((line) => line.startsWith('{')) ?? '{}')
    await writeFile(file, configFor('Custom-MessageTrackingLog_CL'))
    const tracking = await explain('--config', file, `${log}:7`)
    expect(tracking).toContain('columns, as MessageTrackingLog_CL\n')
    expect(rowIn(tracking)).toMatchObject({ FilePath: log, eventTime: expect.any(String) })
    await writeFile(file, configFor('Custom-CommonSecurityLog'))
    const security = await explain('--config', file, `${log}:7`)
    expect(rowIn(security)).toMatchObject({ DeviceVendor: 'Microsoft', DeviceProduct: 'Exchange Server' })
  })

  test('what changes before the mapping is shown, and what comes of it', async () => {
    const config = await configuration('correctSeconds: -90', 'name: siem, recipients: each, preset: splunk')
    const shown = await explain('--config', config, `${log}:6`)
    expect(shown).toMatch(/^destination siem, source EX01, mapping exchange-2013\.v1/)
    expect(shown).toMatch(
      /^time correction +date-time +2026-11-20T14:00:01\.037Z +2026-11-20T13:58:31\.037Z$/m,
    )
    expect(shown).toMatch(/^recipients +1 event +2 events$/m)
    expect(shown).toMatch(
      /^recipients +2 +recipient-address +ann@.*;bob@contoso\.example +bob@contoso\.example$/m,
    )
    expect(shown).toContain('\nevent 1 of 2:\ncolumn ')
    expect(cellsOf(shown, 'date-time').slice(1, 4)).toEqual([
      '2026-11-20T13:58:31.037Z',
      'rt',
      '1795183111037',
    ])
    const sent = shown.split('\n').filter((line) => line.startsWith('<134>'))
    expect(sent.map((line) => /duser=(\S+)/.exec(line)?.[1])).toEqual([
      'ann@contoso.example',
      'bob@contoso.example',
    ])
    expect(sent[0]).toContain(' MicrosoftExchangeCustomData=')
    expect(sent[0]).toContain('rt=1795183111037')
    const size = Buffer.byteLength(sent[0] as string)
    expect(shown).toContain(`\nmessage of ${size} bytes, 8192 at most:\n`)
  })

  test('what privacy makes of a value is shown, and why', async () => {
    const config = await configuration(
      'pattern: MSGTRK*.LOG',
      "name: siem, privacy: { columns: { sender-address: mask }, dropSubjects: ['/offer/'] }",
    )
    const shown = await explain('--config', config, `${log}:7`)
    expect(shown).toMatch(/^privacy: mask +sender-address +ann@contoso\.example +\S+@contoso\.example$/m)
    expect(shown).toMatch(/^privacy: dropSubjects +message-subject +Re: offer, second version$/m)
    const sent = shown.split('\n').find((line) => line.startsWith('<134>'))
    expect(sent).toContain('suser=')
    expect(sent).not.toMatch(/ann@|msg=/)
  })

  test('a message that has to be shortened is told', async () => {
    const config = await configuration(
      'pattern: MSGTRK*.LOG',
      'name: siem, maxMessageBytes: 1024, rawEvent: field',
    )
    const shown = await explain('--config', config, `${log}:7`)
    const [, sent, whole] = /message of (\d+) bytes, 1024 at most, shortened from (\d+):/.exec(shown) ?? []
    expect(Number(sent)).toBeLessThanOrEqual(1024)
    expect(Number(whole)).toBeGreaterThan(1024)
  })

  test('the corrections of a source do not go for files elsewhere', async () => {
    const config = await configuration('correctSeconds: -90', 'name: siem')
    const elsewhere = path.join(fixtures, 'exchange-2016.log')
    const shown = await explain('--config', config, `${elsewhere}:6`)
    expect(shown).not.toContain('time correction')
  })

  test('an option given besides wins, and only that', async () => {
    const config = await configuration(
      'pattern: MSGTRK*.LOG',
      'name: siem, additionalData: none, mapping: exchange-2013',
    )
    expect(await explain('--config', config, log)).not.toMatch(/ad\.|MicrosoftExchange/)
    const shown = await explain('--config', config, '--additional-data', 'plain', log)
    expect(shown).toContain('MicrosoftExchangeCustomData=')
    expect(shown).toContain('<134>')
  })

  test('all its mistakes are told at once, also those in tables', async () => {
    const config = await configuration('pattern: MSGTRK*.LOG', 'name: siem, mapping: no.yaml, overflow: some')
    const error = await explain('--config', config, log).catch((error: unknown) => error)
    expect(told((error as ProblemsError).problems).map(({ where }) => where.replace(config, ''))).toEqual([
      ':3 destinations.0.overflow',
      ':3 destinations.0.mapping',
    ])
  })

  test('a mistake in a table is told where the configuration names the table, unless an option does', async () => {
    const config = await configuration('pattern: MSGTRK*.LOG', 'name: lab', 'name: siem, mapping: no.yaml')
    const of = ['--config', config, '--destination', 'siem']
    expect(await problemOf(...of, log)).toMatchObject({
      where: { file: config, line: 4, setting: ['destinations', 1, 'mapping'] },
    })
    expect(await problemOf(...of, '--mapping', 'none.yaml', log)).toMatchObject({
      where: { setting: ['mapping'] },
      message: expect.stringContaining('none.yaml'),
    })
  })

  test('which of several destinations has to be said', async () => {
    const config = await configuration('pattern: MSGTRK*.LOG', 'name: siem', 'name: lab, events: [FAIL]')
    expect(await problemOf('--config', config, log)).toMatchObject({
      where: { option: '--destination' },
      remedy: 'name one of: siem, lab',
    })
    expect(await problemOf('--config', config, '--destination', 'lap', log)).toMatchObject({
      remedy: 'did you mean lab?',
    })
    const shown = await explain('--config', config, '--destination', 'lab', log)
    expect(shown).toMatch(/^destination lab,/)
    expect(shown).toContain('left out by the filter')
  })
})

test('a header look-alike that is broken is told, and shown as it is sent', async () => {
  const text = await readFile(log, 'utf8')
  await writeFile(log, text.replaceAll(',SMTP,', ',CEF:0|SMTP,'))
  const file = await configuration(
    'startAt: beginning',
    'name: siem, preset: graylog, mapping: exchange-2013',
  )
  const shown = await explain('--config', file, `${log}:7`)
  expect(shown).toMatch(/cat +CEF;0\|SMTP +CEF: before a digit broken \(protectHeader\)/)
  expect(shown).toContain(' cat=CEF;0|SMTP ')
  expect(await explain(`${log}:7`)).toContain(' cat=CEF:0|SMTP ')
})

test('of several places that is shown which decided a value, also that there is none', async () => {
  const of = async (line: number) => {
    const shown = await explain(
      '--mapping',
      'exchange-modern',
      `${path.join(fixtures, 'who-and-how.log')}:${line}`,
    )
    return /^deviceDirection +(.*?) *$/m.exec(shown)?.[1]?.replace(/ {2,}/g, ' ')
  }
  expect(await of(21)).toBe('1 "out" where event-id is SENDEXTERNAL')
  expect(await of(20)).toMatch(/^0 "in" where event-id is SENDEXTERNAL and directionality is Incoming/)
})

test('what is made of more than a column is shown with what it is made of', async () => {
  const table = path.join(folder, 'own.yaml')
  await writeFile(
    table,
    `extends: exchange-2013.v1
name: own
version: 1.0.0
fields:
  - { key: src, from: [original-client-ip, client-ip], as: ip }
  - { key: reason, from: recipient-status, capture: '[245]\\.\\d+\\.\\d+', when: { event-id: [FAIL] } }
`,
  )
  const shown = await explain('--mapping', table, `${log}:7`)
  expect(shown).toMatch(/^CEF key +encoded value +made of +note$/m)
  expect(shown).toMatch(/^src +10\.1\.1\.11 +client-ip$/m)
  expect(shown).toMatch(/^reason .*left out: only where event-id is FAIL$/m)
})

test('nothing in a log can command the terminal', async () => {
  const config = await configuration(
    'correctSeconds: 5',
    "name: siem, recipients: each, filter: { senders: ['*'] }",
  )
  const text = await readFile(path.join(fixtures, 'value-control-characters.log'), 'utf8')
  await writeFile(log, text.replace('bob@', '\u001b]0;title\u0007\u009b2J\u202ebob\t@'))
  for (const line of [6, 7, 8]) {
    const shown = await explain('--config', config, `${log}:${line}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
})

test('on a narrow terminal a value that is encoded as it is stands there once', async () => {
  let shown = ''
  const stdout = {
    columns: 80,
    write(text: string) {
      shown += text
    },
  }
  const { signal: stop } = new AbortController()
  await explainCommand({ stop, stdout }).parseAsync([`${log}:6`], { from: 'user' })
  expect(cellsOf(shown, 'source')).toEqual(['source', expect.stringMatching(/^[A-Z]+$/), 'cat', '='])
  expect(cellsOf(shown, 'date-time')[3]).toMatch(/^\d{13}$/)
  expect(cellsOf(await explain(`${log}:6`), 'source')).not.toContain('=')
})

describe('of a destination of mails', () => {
  test('the event of the mail that the row is of is shown, from its rows in that log', async () => {
    await writeFile(log, await readFile(path.join(fixtures, 'mail-of-fifteen-rows.log')))
    const config = await configuration('', 'name: mails, records: mail')
    const shown = await explain('--config', config, `${log}:8`)
    expect(shown).toMatch(/^destination mails, source EX01\n/)
    expect(shown).toContain(
      'put into the record of its mail, here of its 15 rows in this log, otherwise of all:\nmapping mail.v1',
    )
    expect(cellsOf(shown, 'route')).toEqual(['route', 'EX01 > EDGE01', 'cs1', 'EX01 > EDGE01', 'label Route'])
    expect(shown.trimEnd().split('\n').at(-1)).toContain(' cn3=15 ')
  })

  test('a row that is left out is in none', async () => {
    const config = await configuration('', 'name: mails, records: mail, events: [FAIL]')
    expect(await explain('--config', config, `${log}:7`)).toMatch(
      /left out by the filter[\s\S]*it is put into no mail\n$/,
    )
  })
})

test('the table and the message have the same time of receipt', async () => {
  let nowMs = Date.UTC(2026, 10, 28)
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs++)
  onTestFinished(() => void vi.restoreAllMocks())
  const output = await explain('--config', await configuration('', 'preset: arcsight'), `${log}:7`)
  const [, inMessage] = / art=(\d+) /.exec(output) ?? []
  expect(cellsOf(output, 'art')[1]).toBe(inMessage)
})
