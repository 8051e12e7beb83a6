import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { figure, fixtureLogs, Workplace } from '../support/program.ts'

const timeout = 60_000

test.concurrent('the rows of some events stand under their header as they stood in the log', {
  timeout,
}, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const log = (await place.fixture('event-ids.log')).toString('latin1')
  const { code, stdout, stderr } = await place.run('filter', '--events', 'send,RECEIVE', 'event-ids.log')
  expect(code).toBe(0)
  const lines = log.match(/.*\r\n/g) ?? []
  const kept = lines.filter((line) => line.includes('#') || /,(SEND|RECEIVE),/.test(line))
  expect(stdout.toString('latin1')).toBe(kept.join(''))
  expect(figure(stderr, 'events') + figure(stderr, 'filtered')).toBe(figure(stderr, 'records'))
  expect(figure(stderr, 'events')).toBe(kept.length - 5)

  const written = await place.run('filter', '--events', 'SEND,RECEIVE', 'event-ids.log', '-o', 'mail.LOG')
  expect(written).toMatchObject({ code: 0, stdout: Buffer.alloc(0) })
  expect(await readFile(place.path('mail.LOG'))).toEqual(stdout)
  expect((await place.run('filter', 'event-ids.log')).code).toBe(2)
  for (const command of ['filter', 'convert']) {
    const mistyped = await place.run(command, '--events', 'RECIEVE', 'event-ids.log')
    expect(mistyped.stderr).toContain('RECIEVE (did you mean RECEIVE?)')
  }
})

test.concurrent('a header is repeated where the columns change and nowhere else', { timeout }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const mark = '\ufeff'
  const header = (version: string, columns: string, end = '\r\n') =>
    ['#Software: Microsoft Exchange Server', `#Version: ${version}`, `#Fields: ${columns}`, ''].join(end)
  const head = header('15', 'date-time,event-id,message-subject')
  await place.write(
    '1.log',
    `${mark}${head}2026-11-20T14:00:00.001Z,SEND,one\r\n2026-11-20T14:00:00.002Z,FAIL,\r\n`,
  )
  // The same columns, but line feeds alone and no byte order mark; only the columns count.
  await place.write('2.log', `${head.replaceAll('\r', '')}2026-11-20T14:00:00.003Z,SEND,"t,""wo"\n`)
  // A header for rows of other events only is left out; the last row has no line end.
  const other = header('16', 'date-time,event-id')
  await place.write(
    '3.log',
    `${mark}${head}2026-11-20T14:00:00.004Z,FAIL,three\r\n${mark}${other}2026-11-20T14:00:00.005Z,SEND`,
  )
  const { code, stdout } = await place.run('filter', '--events', 'SEND', '1.log', '2.log', '3.log')
  expect(code).toBe(0)
  expect(stdout.toString()).toBe(
    `${mark}${head}2026-11-20T14:00:00.001Z,SEND,one\r\n` +
      '2026-11-20T14:00:00.003Z,SEND,"t,""wo"\n' +
      `${other}2026-11-20T14:00:00.005Z,SEND\r\n`,
  )
})

test.concurrent('rows from a log without a header get one', { timeout }, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const log = await place.fixture('file-no-header-2016.log')
  const { stdout } = await place.run('filter', '--events', 'RECEIVE', 'file-no-header-2016.log')
  const [fields, ...rows] = stdout.toString().split(/(?<=\n)(?!#)/)
  expect(fields).toMatch(
    /^#Software: .*\r\n#Log-type: Message Tracking Log\r\n#Fields: date-time,client-ip,.*\r\n$/,
  )
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) expect(log.includes(row)).toBe(true)
})

test.concurrent('what it writes converts to the events of the logs themselves', { timeout: 120_000 }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const logs = await fixtureLogs()
  for (const log of logs) await place.fixture(log)
  await place.simulate('EX07', 2000, { version: '2007' })
  await place.simulate('EX19', 2000, { version: '2019' })
  for (const events of ['RECEIVE', 'SEND,DELIVER,FAIL']) {
    const inputs = ['--events', events, 'EX07', ...logs, 'EX19']
    const direct = await place.run('convert', ...inputs)
    const filtered = await place.run('filter', ...inputs)
    const piped = await place.runOn(filtered.stdout, 'convert', '-')
    expect(piped.stdout.toString('latin1')).toBe(direct.stdout.toString('latin1'))
    expect(figure(piped.stderr, 'events')).toBe(figure(filtered.stderr, 'events'))
    expect(figure(piped.stderr, 'malformed')).toBe(0)
    expect(figure(filtered.stderr, 'malformed')).toBe(6)
    expect(figure(filtered.stderr, 'records')).toBe(figure(direct.stderr, 'records'))
    // Filtered once more it stays the same.
    const again = await place.runOn(filtered.stdout, 'filter', '--events', events)
    expect(again.stdout.equals(filtered.stdout)).toBe(true)
  }
})
