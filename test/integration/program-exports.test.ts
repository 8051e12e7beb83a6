import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { figure, Workplace } from '../support/program.ts'

const timeout = 180_000

const lines = [
  '#TYPE Deserialized.Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent',
  '"PSComputerName";"Timestamp";"ServerHostname";"Source";"EventId";"Recipients";"MessageSubject";"Sender"',
  '"ex01";"06/09/2015 01:02:44";"EX01";"STOREDRIVER";"DELIVER";"ann@contoso.example";"Grüße; ""all""";"bob@contoso.example"',
  '"ex01";"06/09/2015 01:02:45";"EX01";"SMTP";"SEND";"dave@fabrikam.example";"two";"bob@contoso.example"',
  '',
]
const file = gzipSync(Buffer.from(`\ufeff${lines.join('\r\n')}`, 'utf16le'))
const settings = ['--export-dates', 'dmy', '--export-zone', 'Europe/London']

test('an export, packed and in UTF-16, is converted, explained and filtered', { timeout }, async ({
  onTestFinished,
}) => {
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

  const explained = await place.run('explain', ...settings, 'export.csv.gz:4')
  expect(explained.code).toBe(0)
  expect(explained.stdout.toString()).toContain('dave@fabrikam.example')

  const filtered = await place.run(
    'filter',
    '--events',
    'SEND',
    ...settings,
    'export.csv.gz',
    '-o',
    'send.LOG',
  )
  expect(filtered.code).toBe(0)
  const log = await readFile(place.path('send.LOG'), 'utf8')
  expect(log).toMatch(
    /^#Software.*\r\n#Log-type: Message Tracking Log\r\n#Fields: date-time,.*\r\n2015-09-06T00:02:45Z,/,
  )
  const again = (await place.run('convert', 'send.LOG')).stdout.toString()
  expect(again).toBe(`${converted.stdout.toString().split('\n')[1]}\n`)
})

test('what has to be said of an export is asked for at once, and a mistake in it is one', {
  timeout,
}, async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.write('export.csv.gz', file)
  const { code, stdout, stderr } = await place.run('convert', 'export.csv.gz')
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/--export-dates dmy/)
  expect(stderr).toMatch(/--export-zone/)
  expect((await place.run('explain', 'export.csv.gz')).code).toBe(1)
  const wrong = await place.run('convert', '--export-zone', 'Middle/Earth', 'export.csv.gz')
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Europe/Berlin') })
})
