import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { figure, fixtureLogs, Workplace } from '../support/program.ts'

const timeout = 60_000

const log2003 = [
  '# Message Tracking Log File',
  '# Exchange System Attendant Version 6.5.7638.1',
  '# Date\tTime\tclient-ip\tClient-hostname\tPartner-Name\tServer-hostname\tserver-IP\tRecipient-Address\tEvent-ID\tMSGID',
  '2003-11-20\t14:0:1 GMT\t10.0.0.1\tmail\t-\tEX03\t10.0.0.2\tann@contoso.example\t1019\tm1@contoso.example',
  '',
].join('\r\n')

test.concurrent('files, a folder and standard input give the same events, and a summary', {
  timeout,
}, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const older = await place.fixture('exchange-2013.log', 'EX01/MSGTRK2026112014-2.LOG')
  const newer = await place.fixture('event-ids.log', 'EX01/MSGTRK2026112014-10.LOG')
  await place.fixture('exchange-2010.log', 'EX01/other.log')
  const folder = await place.run('convert', 'EX01')
  expect(folder.code).toBe(0)
  const events = folder.stdout.toString().trimEnd().split('\n')
  expect(figure(folder.stderr, 'files')).toBe(2)
  expect(figure(folder.stderr, 'events')).toBe(events.length)
  expect(figure(folder.stderr, 'records')).toBe(events.length)
  expect(figure(folder.stderr, 'filtered')).toBe(0)
  expect(figure(folder.stderr, 'malformed')).toBe(0)
  expect(figure(folder.stderr, 'seconds')).toBeGreaterThanOrEqual(0)
  expect(folder.stderr.trimEnd().split('\n')).toHaveLength(1)

  const stem = await place.run('convert', 'EX01/MSGTRK2026112014-2.LOG', 'EX01/MSGTRK2026112014-10.LOG')
  expect(stem.stdout).toEqual(folder.stdout)
  const input = Buffer.concat([older, newer])
  expect((await place.runOn(input, 'convert', '-')).stdout).toEqual(folder.stdout)
  expect((await place.runOn(input, 'convert')).stdout).toEqual(folder.stdout)

  const written = await place.run('convert', 'EX01', '--output', 'out.cef')
  expect(written).toMatchObject({ code: 0, stdout: Buffer.alloc(0) })
  expect(await readFile(place.path('out.cef'))).toEqual(folder.stdout)
})

test.concurrent('a mail whose rows are on two servers is one event', { timeout }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const text = (await place.fixture('one-mail.log', 'all.LOG')).toString()
  const lines = text.trimEnd().split('\r\n')
  const isHeader = (line: string) => line.replace('\uFEFF', '').startsWith('#')
  const log = (isOf: (line: string) => boolean) =>
    `${lines.filter((line) => isHeader(line) || isOf(line)).join('\r\n')}\r\n`
  const ofEdge = (line: string) => /,EDGE01,/.test(line)
  await place.write(
    'EX01/MSGTRK2026112016-1.LOG',
    log((line) => !ofEdge(line)),
  )
  await place.write('EDGE01/MSGTRK2026112016-1.LOG', log(ofEdge))
  const apart = await place.run('convert', '--records', 'mail', 'EX01', 'EDGE01')
  expect(apart.code).toBe(0)
  expect(figure(apart.stderr, 'events')).toBe(1)
  expect(apart.stdout).toEqual((await place.run('convert', '--records', 'mail', 'all.LOG')).stdout)
  const failed = await place.run('convert', '--records', 'mail', '--events', 'FAIL', 'all.LOG')
  expect(failed.stdout.toString()).toMatch(/ cn3=1 .*outcome=failure/)
})

test.concurrent('each option changes what it says', { timeout }, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const logs = ['event-ids.log', 'exchange-2019.log']
  for (const log of logs) await place.fixture(log)
  const lines = async (...options: readonly string[]) => {
    const { code, stdout, stderr } = await place.run('convert', ...options, ...logs)
    expect(code).toBe(0)
    return { lines: stdout.toString().trimEnd().split('\n'), stderr }
  }
  const plain = (await lines()).lines
  const events = await lines('--events', 'SEND,receive')
  const wanted = plain.filter((line) => /^CEF:0\|([^|]*\|){3}(SEND|RECEIVE)\|/.test(line))
  expect(events.lines).toEqual(wanted)
  expect(figure(events.stderr, 'filtered')).toBe(plain.length - wanted.length)
  expect(figure(events.stderr, 'records')).toBe(plain.length)

  for (const syslog of ['rfc3164', 'rfc5424'] as const) {
    const framed = (await lines('--syslog', syslog)).lines
    const decoded = framed.map((line) => decodeFrame(Buffer.from(line)))
    expect(decoded.map((each) => each.ok && each.syslog.format)).toEqual(plain.map(() => syslog))
    expect(framed.map((line) => line.slice(line.indexOf('CEF:')))).toEqual(plain)
  }
  const styles = {
    arcsight: 'ad.message-info',
    camel: 'ad.MessageInfo',
    plain: 'MicrosoftExchangeMessageInfo',
  }
  for (const [style, key] of Object.entries(styles)) {
    const text = (await lines('--additional-data', style)).lines.join('\n')
    expect(text.match(/\S*message-?info(?==)/i)?.[0]).toBe(key)
  }
  const none = (await lines('--additional-data', 'none')).lines.join('\n')
  expect(none).not.toMatch(/message-?info=/i)
  const { lines: version1 } = await lines('--cef-version', '1')
  expect(version1.filter((line) => !line.startsWith('CEF:1|'))).toEqual([])
  expect((await place.run('convert', '--cef-version', '2', ...logs)).code).toBe(2)
})

test.concurrent('all fixtures at once are correct events, and what is malformed is told', {
  timeout,
}, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const logs = await fixtureLogs()
  for (const log of logs) await place.fixture(log)
  const { code, stdout, stderr } = await place.run('convert', ...logs)
  expect(code).toBe(0)
  const events = stdout.toString('latin1').split('\n').slice(0, -1)
  const mistakes = events.flatMap((line) => {
    const decoded = decodeFrame(Buffer.from(line, 'latin1'))
    return decoded.ok ? [] : decoded.errors
  })
  expect(mistakes).toEqual([])
  expect(figure(stderr, 'files')).toBe(logs.length)
  expect(figure(stderr, 'events')).toBe(events.length)
  expect(figure(stderr, 'malformed')).toBe(6)
  expect(stderr).toContain('file-malformed-lines.log, byte 823: malformed line left out: 3 columns')
})

test.concurrent('a log of Exchange 2003 is refused, and the others go on', { timeout }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  await place.write('20031120.log', log2003)
  await place.fixture('exchange-2016.log')
  const { code, stdout, stderr } = await place.run('convert', '20031120.log', 'exchange-2016.log')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^20031120\.log: .*Exchange 2003/)
  expect(stdout).toEqual((await place.run('convert', 'exchange-2016.log')).stdout)
  expect(figure(stderr, 'files')).toBe(1)
  expect(figure(stderr, 'files not read')).toBe(1)
})

test.concurrent('what can not be found or read is told before anything is converted', { timeout }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  await place.fixture('exchange-2016.log')
  await place.fixture('exchange-2016.log', 'empty/other.txt')
  const { code, stdout, stderr } = await place.run(
    'convert',
    'one.log',
    'exchange-2016.log',
    'two.log',
    'empty',
  )
  expect(code).toBe(1)
  expect(stdout.toString()).toBe('')
  expect(stderr).toMatch(/^one\.log: not found/m)
  expect(stderr).toMatch(/^two\.log: not found/m)
  expect(stderr).toMatch(/^empty: no MSGTRK\*\.LOG/m)
})

test.concurrent('it never writes over a log that it is to read', { timeout }, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const bytes = await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  for (const command of [['convert'], ['filter', '--events', 'SEND']]) {
    const output = ['-o', 'EX01/../EX01/MSGTRK2026112014-1.LOG']
    expect(await place.run(...command, 'EX01', ...output)).toMatchObject({ code: 2 })
  }
  expect(await readFile(place.path('EX01', 'MSGTRK2026112014-1.LOG'))).toEqual(bytes)
  expect(await place.run('convert', 'EX01', '-o', 'no/such/folder')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no/such/folder: can't be written"),
  })
})

test.concurrent('it ends quietly when the reader of its output has seen enough', { timeout }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  await place.simulate('EX01', 20_000)
  const program = place.start('convert', 'EX01')
  await program.until('the first event', () => program.stdout.includes('\n'))
  program.child.stdout?.destroy()
  const { code, signal, stderr } = await program.ended
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
})

test.concurrent('it goes on when nobody reads its messages', { timeout }, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.fixture('file-malformed-lines.log')
  const program = place.startWithInput('convert', '-', 'file-malformed-lines.log', '-o', 'out.cef')
  program.child.stderr?.destroy()
  program.child.stdin?.end(await place.fixture('file-malformed-lines.log'))
  expect(await program.ended).toMatchObject({ code: 0, signal: null })
  expect((await readFile(place.path('out.cef'), 'utf8')).trimEnd().split('\n')).toHaveLength(6)
})

test.concurrent.for([
  { args: ['convert', '-'] },
  { args: ['filter', '--events', 'SEND', '-'] },
  { args: ['explain', '-'] },
])(
  'a signal ends the wait of $args.0 for standard input',
  { timeout },
  async ({ args }, { onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const bytes = await place.fixture('exchange-2016.log')
    const program = place.startWithInput(...args)
    // More than a pipe holds: once it is gone, the program is at work.
    const much = Buffer.concat(new Array<Buffer>(400).fill(bytes))
    await new Promise<unknown>((taken) => program.child.stdin?.write(much, taken))
    expect(await program.stop('SIGINT')).toMatchObject({ code: 4, signal: null })
  },
)
