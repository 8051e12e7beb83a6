/** Records in other forms than CEF, by the program, to whom they are meant for. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { convertCommand } from '../../src/cli/commands/convert.ts'
import { explainCommand } from '../../src/cli/commands/explain.ts'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { ended, output } from '../support/command.ts'
import { figure, Workplace } from '../support/program.ts'

const timeout = 180_000

test.concurrent('another msgtrk follows files of rows, and makes the same events of them', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  for (const version of ['2010', '2013', '2016'] as const) {
    await place.simulate(`logs-${version}`, 400, { version, seed: 1 + Number(version) })
  }
  await place.fixture('file-no-header-2016.log', 'logs-none/MSGTRK2026112014-1.LOG')
  for (const folder of ['rows', 'events', 'again']) await mkdir(place.path(folder))
  const folders = ['logs-2010', 'logs-2013', 'logs-2016', 'logs-none']
  await place.write(
    'first.yaml',
    `
state: first
sources: [${folders.map((folder) => `{ name: ${folder}, folder: ${folder} }`).join(', ')}]
destinations:
  - { name: rows, to: 'file://${place.path('rows')}/rows.log', format: raw }
  - { name: events, to: 'file://${place.path('events')}/events.cef', rawEvent: field }
`,
  )
  await place.write(
    'second.yaml',
    `
state: second
sources: [{ name: rows, folder: rows, pattern: '*.log' }]
destinations: [{ name: again, to: 'file://${place.path('again')}/events.cef', rawEvent: field }]
`,
  )
  const following = place.start('run', '--config', 'second.yaml')
  await following.logged('Started')
  expect((await place.run('run', '--config', 'first.yaml', '--once')).code).toBe(0)
  const linesOf = async (folder: string) =>
    (await readFile(place.path(folder, 'events.cef'), 'latin1').catch(() => '')).split('\n').sort()
  const expected = await linesOf('events')
  expect(expected.length).toBeGreaterThan(1000)
  await vi.waitFor(async () => expect((await linesOf('again')).length).toBe(expected.length), timeout)
  await following.stop()
  expect(await linesOf('again')).toEqual(expected)
  expect((await readdir(place.path('rows'))).filter((name) => name !== '.msgtrk')).toEqual(['rows.log'])
})

test.concurrent('a receiver over TCP gets whole rows under their header', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const log = await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  const receiving = place.start('receive', '--listen', 'tcp://127.0.0.1:0', '--format', 'raw', '--no-decode')
  await receiving.until('it listens', () => receiving.stderr.includes('Listening on '))
  const to = /Listening on (\S+)/.exec(receiving.stderr)?.[1] ?? ''
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: logs }]
destinations: [{ name: rows, to: '${to}', format: raw, events: [RECEIVE] }]
`,
  )
  expect(await output(checkCommand, [place.path('msgtrk.yaml')])).toContain(
    'rows as they stand in the log, under their header',
  )
  expect((await place.run('run', '--config', 'msgtrk.yaml', '--once')).code).toBe(0)
  await receiving.stop()
  const filtered = await place.run('filter', '--events', 'RECEIVE', 'logs')
  expect(log.includes('RECEIVE')).toBe(true)
  const text = filtered.stdout.toString().replace('\uFEFF', '').replaceAll('\r', '')
  expect(receiving.stdout.replaceAll('\r', '')).toBe(text)
  const explained = await output(explainCommand, [
    ...['--config', place.path('msgtrk.yaml'), place.path('logs/MSGTRK2026112014-1.LOG')],
  ])
  expect(explained).toContain('as it stands in the log')
  expect(explained).toContain((/^2.*$/m.exec(text) ?? [''])[0].slice(0, 60))
})

test.concurrent('events are JSON objects, over TCP as in a file, reports as well', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  await place.simulate('logs', 300)
  await mkdir(place.path('out'))
  const receiving = place.start('receive', '--listen', 'tcp://127.0.0.1:0', '--format', 'raw')
  await receiving.until('it listens', () => receiving.stderr.includes('Listening on '))
  const to = /Listening on (\S+)/.exec(receiving.stderr)?.[1] ?? ''
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: logs }]
destinations:
  - { name: siem, to: '${to}', format: json, selfReport: true }
  - { name: file, to: 'file://${place.path('out')}/events.json', format: json }
`,
  )
  expect(await output(checkCommand, [place.path('msgtrk.yaml')])).toContain(
    'a JSON object a line, without a syslog header',
  )
  expect((await place.run('run', '--config', 'msgtrk.yaml', '--once')).code).toBe(0)
  const { stderr } = await receiving.stop()
  expect(figure(stderr, 'errors')).toBe(0)
  const converted = await place.run('convert', '--format', 'json', 'logs')
  const expected = converted.stdout.toString().split('\n').sort()
  expect((await readFile(place.path('out', 'events.json'), 'utf8')).split('\n').sort()).toEqual(expected)
  const lines = receiving.stdout.split('\n')
  expect(lines.filter((line) => !line.includes('"deviceVendor":"msgtrk"')).sort()).toEqual(expected)
  const reports = lines.filter((line) => line.includes('"deviceVendor":"msgtrk"'))
  expect(reports.length).toBeGreaterThanOrEqual(3)
  for (const line of lines.slice(0, -1)) expect(decodeFrame(Buffer.from(line))).toMatchObject({ ok: true })
  const contradiction = ['--format', 'json', '--syslog', 'rfc3164', '--protect-header', place.path('logs')]
  expect(await ended(convertCommand, ...contradiction)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--syslog: [\s\S]*--protect-header: /),
  })
})
