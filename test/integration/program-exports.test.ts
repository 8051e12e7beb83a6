import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { convertCommand } from '../../src/cli/commands/convert.ts'
import { explainCommand } from '../../src/cli/commands/explain.ts'
import { filterCommand } from '../../src/cli/commands/filter.ts'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { ended, endedAlone, output } from '../support/command.ts'
import { figure, Workplace } from '../support/program.ts'

const lines = [
  '#TYPE Deserialized.Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent',
  '"PSComputerName";"Timestamp";"ServerHostname";"Source";"EventId";"Recipients";"MessageSubject";"Sender"',
  '"ex01";"06/09/2015 01:02:44";"EX01";"STOREDRIVER";"DELIVER";"ann@contoso.example";"Grüße; ""all""";"bob@contoso.example"',
  '"ex01";"06/09/2015 01:02:45";"EX01";"SMTP";"SEND";"dave@fabrikam.example";"two";"bob@contoso.example"',
  '',
]
const file = gzipSync(Buffer.from(`\ufeff${lines.join('\r\n')}`, 'utf16le'))
const settings = ['--export-dates', 'dmy', '--export-zone', 'Europe/London']

test('an export, packed and in UTF-16, is converted, explained and filtered', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.write('export.csv.gz', file)
  const converted = await place.run('convert', ...settings, 'export.csv.gz')
  expect(converted.code).toBe(0)
  expect(figure(converted.stderr, 'events')).toBe(2)
  const [first] = converted.stdout.toString('latin1').split('\n')
  const decoded = decodeFrame(Buffer.from(first as string, 'latin1'))
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
  const values = new Map(decoded.event.extension)
  expect(values.get('rt')).toBe(String(Date.UTC(2015, 8, 6, 0, 2, 44)))
  expect(values.get('msg')).toBe('Grüße; "all"')
  expect(values.get('duser')).toBe('ann@contoso.example')
  expect((await place.runOn(file, 'convert', ...settings, '-')).stdout).toEqual(converted.stdout)
  const jobs = await place.run('convert', '--jobs', '2', ...settings, 'export.csv.gz')
  expect(jobs.stdout).toEqual(converted.stdout)

  const explained = await output(explainCommand, [...settings, place.path('export.csv.gz:4')])
  expect(explained).toContain('dave@fabrikam.example')

  const [from, send, again] = ['export.csv.gz', 'send.LOG', 'send.cef'].map((name) => place.path(name)) as [
    string,
    string,
    string,
  ]
  const filtered = await endedAlone(filterCommand, '--events', 'SEND', ...settings, from, '-o', send)
  expect(filtered.code).toBe(0)
  const log = await readFile(send, 'utf8')
  expect(log).toMatch(
    /^#Software.*\r\n#Log-type: Message Tracking Log\r\n#Fields: date-time,.*\r\n2015-09-06T00:02:45Z,/,
  )
  expect((await endedAlone(convertCommand, send, '-o', again)).code).toBe(0)
  expect(await readFile(again, 'utf8')).toBe(`${converted.stdout.toString().split('\n')[1]}\n`)
})

test('what has to be said of an export is asked for at once, and a mistake in it is one', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const path = await place.write('export.csv.gz', file)
  const { code, stderr } = await endedAlone(convertCommand, path)
  expect(code).toBe(1)
  expect(stderr).toMatch(/--export-dates dmy/)
  expect(stderr).toMatch(/--export-zone/)
  expect((await ended(explainCommand, path)).code).toBe(1)
  await expect(output(convertCommand, ['--export-zone', 'Middle/Earth', path])).rejects.toThrow(
    'Europe/Berlin',
  )
})
