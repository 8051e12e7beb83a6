import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { convertCommand } from '../../../../src/cli/commands/convert.ts'
import { decodeFrame } from '../../../../src/receive/frame-decoder.ts'
import { endedAlone } from '../../../support/command.ts'
import { figure, fixtureLogs } from '../../../support/program.ts'

const fixtures = path.resolve(import.meta.dirname, '../../../../fixtures')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-convert-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (name: string) => path.join(folder, name)
const fixture = (name: string) => path.join(fixtures, name)

/** What the command writes into a file, one character a byte, and how it ends. */
async function convert(...args: readonly string[]) {
  await rm(at('out'), { force: true })
  const ended = await endedAlone(convertCommand, ...args, '-o', at('out'))
  const out = await readFile(at('out'), 'latin1').catch(() => '')
  return { ...ended, out, lines: out.split('\n').slice(0, -1) }
}

test('a mail whose rows are on two servers is one event', async () => {
  const text = await readFile(fixture('one-mail.log'), 'utf8')
  const lines = text.trimEnd().split('\r\n')
  const isHeader = (line: string) => line.replace('\uFEFF', '').startsWith('#')
  const log = (isOf: (line: string) => boolean) =>
    `${lines.filter((line) => isHeader(line) || isOf(line)).join('\r\n')}\r\n`
  const ofEdge = (line: string) => /,EDGE01,/.test(line)
  for (const server of ['EX01', 'EDGE01']) {
    await mkdir(at(server))
    const isOf = (line: string) => ofEdge(line) === (server === 'EDGE01')
    await writeFile(path.join(folder, server, 'MSGTRK2026112016-1.LOG'), log(isOf))
  }
  const apart = await convert('--records', 'mail', at('EX01'), at('EDGE01'))
  expect(apart.code).toBe(0)
  expect(figure(apart.stderr, 'events')).toBe(1)
  expect(apart.out).toBe((await convert('--records', 'mail', fixture('one-mail.log'))).out)
  const failed = await convert('--records', 'mail', '--events', 'FAIL', fixture('one-mail.log'))
  expect(failed.out).toMatch(/ cn3=1 .*outcome=failure/)
})

test('each option changes what it says', async () => {
  const logs = ['event-ids.log', 'exchange-2019.log'].map(fixture)
  const made = async (...options: readonly string[]) => {
    const ended = await convert(...options, ...logs)
    expect(ended.code).toBe(0)
    return ended
  }
  const plain = (await made()).lines
  const events = await made('--events', 'SEND,receive')
  const wanted = plain.filter((line) => /^CEF:0\|([^|]*\|){3}(SEND|RECEIVE)\|/.test(line))
  expect(events.lines).toEqual(wanted)
  expect(figure(events.stderr, 'filtered')).toBe(plain.length - wanted.length)
  expect(figure(events.stderr, 'records')).toBe(plain.length)

  for (const syslog of ['rfc3164', 'rfc5424'] as const) {
    const framed = (await made('--syslog', syslog)).lines
    const decoded = framed.map((line) => decodeFrame(Buffer.from(line, 'latin1')))
    expect(decoded.map((each) => each.ok && each.syslog.format)).toEqual(plain.map(() => syslog))
    expect(framed.map((line) => line.slice(line.indexOf('CEF:')))).toEqual(plain)
  }
  const styles = {
    arcsight: 'ad.message-info',
    camel: 'ad.MessageInfo',
    plain: 'MicrosoftExchangeMessageInfo',
  }
  for (const [style, key] of Object.entries(styles)) {
    const { out } = await made('--additional-data', style)
    expect(out.match(/\S*message-?info(?==)/i)?.[0]).toBe(key)
  }
  expect((await made('--additional-data', 'none')).out).not.toMatch(/message-?info=/i)
  const { lines: version1 } = await made('--cef-version', '1')
  expect(version1.filter((line) => !line.startsWith('CEF:1|'))).toEqual([])
  const { lines: objects } = await made('--format', 'json')
  expect(objects.map((line) => JSON.parse(line))).toHaveLength(plain.length)
  expect((await made('--jobs', '2')).lines).toEqual(plain)
})

test('options that say nothing together are mistakes', async () => {
  const log = fixture('event-ids.log')
  const both = await convert('--format', 'json', '--syslog', 'rfc3164', '--protect-header', log)
  expect(both.code).toBe(2)
  expect(both.stderr).toMatch(/^--syslog: is for CEF.*\n.*\n--protect-header: is for CEF/)
  await expect(convert('--cef-version', '2', log)).rejects.toThrow('cef-version')
  await expect(convert('--jobs', '65', log)).rejects.toThrow('from 1 to 64')
})

test('all fixtures at once are correct events, and what is malformed is told', async () => {
  const logs = await fixtureLogs()
  const { code, lines, stderr } = await convert(...logs.map(fixture))
  expect(code).toBe(0)
  const mistakes = lines.flatMap((line) => {
    const decoded = decodeFrame(Buffer.from(line, 'latin1'))
    return decoded.ok ? [] : decoded.errors
  })
  expect(mistakes).toEqual([])
  expect(figure(stderr, 'files')).toBe(logs.length)
  expect(figure(stderr, 'events')).toBe(lines.length)
  expect(figure(stderr, 'malformed')).toBe(6)
  expect(stderr).toContain('file-malformed-lines.log, byte 823: malformed line left out: 3 columns')
})

test('a log of Exchange 2003 is refused, and the others go on', async () => {
  const log2003 = [
    '# Message Tracking Log File',
    '# Exchange System Attendant Version 6.5.7638.1',
    '# Date\tTime\tclient-ip\tClient-hostname\tPartner-Name\tServer-hostname\tserver-IP\tRecipient-Address\tEvent-ID\tMSGID',
    '2003-11-20\t14:0:1 GMT\t10.0.0.1\tmail\t-\tEX03\t10.0.0.2\tann@contoso.example\t1019\tm1@contoso.example',
    '',
  ]
  await writeFile(at('20031120.log'), log2003.join('\r\n'))
  const { code, out, stderr } = await convert(at('20031120.log'), fixture('exchange-2016.log'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/20031120\.log: .*Exchange 2003/)
  expect(out).toBe((await convert(fixture('exchange-2016.log'))).out)
  expect(figure(stderr, 'files')).toBe(1)
  expect(figure(stderr, 'files not read')).toBe(1)
})

test('a log whose lines end with CR alone is refused with what to do, and is not taken for one without a row', async () => {
  const log = await readFile(fixture('exchange-2016.log'), 'latin1')
  await writeFile(at('mac.log'), log.replaceAll('\n', ''), 'latin1')
  const { code, stderr } = await convert(at('mac.log'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/mac\.log: this is text whose lines end with CR alone.*\n.*tr '\\r' '\\n'/)
})

test('what can not be found or read is told before anything is converted', async () => {
  await mkdir(at('empty'))
  await writeFile(path.join(folder, 'empty', 'other.txt'), '')
  const inputs = [at('one.log'), fixture('exchange-2016.log'), at('two.log'), at('empty')]
  const { code, out, stderr } = await convert(...inputs)
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(stderr).toMatch(/one\.log: not found/)
  expect(stderr).toMatch(/two\.log: not found/)
  expect(stderr).toMatch(/empty: no MSGTRK\*\.LOG/)
})
