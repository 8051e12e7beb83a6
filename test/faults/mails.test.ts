/** A destination of mails whose process is killed in the middle, held against the rows in the logs. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { splitList } from '../../src/records/list.ts'
import { Workplace } from '../support/program.ts'

const mails = 600
/** When it is killed: once so much has come. */
const shares = [0.1, 0.3, 0.5, 0.7, 0.9]
const rowsEach = 6
const columns = knownColumns['2016']
const header = `#Software: Microsoft Exchange Server\r\n#Version: 15.02.2562.045\r\n#Log-type: Message Tracking Log\r\n#Date: 2026-11-20T14:00:00.000Z\r\n#Fields: ${columns.join(',')}\r\n`
const startMs = Date.UTC(2026, 10, 20, 14)

interface Row {
  readonly mail: string
  readonly to: string
  readonly atMs: number
}

/** A row of a mail comes each minute or so; the last one of each tenth mail comes hours late. */
const all: readonly Row[] = Array.from({ length: mails }, (_, mail) =>
  Array.from({ length: rowsEach }, (_, row) => ({
    mail: `8e9b967e-b07a-46d7-08da-${String(mail).padStart(12, '0')}`,
    to: `r${mail}-${row}@x.example`,
    atMs:
      startMs + mail * 60_000 + row * 45_000 + (row === rowsEach - 1 && mail % 10 === 0 ? 2 * 3600_000 : 0),
  })),
).flat()

function line({ mail, to, atMs }: Row): string {
  const fields: Readonly<Record<string, string>> = {
    'date-time': new Date(atMs).toISOString(),
    'event-id': 'RECEIVE',
    source: 'SMTP',
    'network-message-id': mail,
    'recipient-address': to,
    // Chunks are small beside it, so that a kill finds something half done.
    'custom-data': 'x'.repeat(2000),
  }
  return `${columns.map((name) => fields[name] ?? '').join(',')}\r\n`
}

function logOf(rows: readonly Row[]): string {
  return (
    header +
    rows
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(line)
      .join('')
  )
}

test.concurrent('killed again and again, each mail arrives, its last record complete, and late rows continue it', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  for (const [index, source] of ['EX01', 'EX02'].entries()) {
    await place.write(`${source}/MSGTRK2026112014-1.LOG`, logOf(all.filter((_, row) => row % 2 === index)))
  }
  const config = await place.write(
    'msgtrk.yaml',
    `state: state
sources: [{ name: EX01, folder: EX01 }, { name: EX02, folder: EX02 }]
destinations:
  - { name: siem, to: '${siem.url}', records: mail, mails: { quietMinutes: 5, openMinutes: 300 }, turnAfterMs: 100,
      maxEventsPerSecond: 200, maxMessageBytes: 65536 }
`,
  )
  for (const share of shares) {
    const program = place.start('run', '--config', config)
    await siem.has(mails * share)
    expect((await program.stop('SIGKILL')).signal).toBe('SIGKILL')
  }
  const last = await place.run('run', '--config', config, '--once')
  expect(last.code).toBe(0)

  const sent = new Map<string, { readonly to: readonly string[]; readonly continues: boolean }[]>()
  for (const frame of siem.frames) {
    const decoded = decodeCef(Buffer.from(frame.slice(frame.indexOf('CEF:')), 'latin1'))
    if (!decoded.ok) throw new Error(decoded.errors.join())
    const value = (name: string) => decoded.event.extension.get(name) ?? ''
    const records = sent.get(value('externalId')) ?? []
    records.push({ to: splitList(value('duser')), continues: value('ad.continues') === 'true' })
    sent.set(value('externalId'), records)
  }
  const wrong = [...new Set(all.map(({ mail }) => mail))].filter((mail) => {
    const rows = all.filter((row) => row.mail === mail)
    const records = sent.get(mail) ?? []
    const begin = records.findLastIndex(({ continues }) => !continues)
    const told = new Set(records.slice(begin).flatMap(({ to }) => to))
    return begin < 0 || rows.some(({ to }) => !told.has(to))
  })
  expect(wrong.map((mail) => [mail, sent.get(mail)])).toEqual([])
  const late = [...sent].filter(([, records]) => records.some(({ continues }) => continues))
  expect(late.length).toBeGreaterThan(0)
  expect(late.filter(([mail]) => Number(mail.slice(-12)) % 10 !== 0)).toEqual([])
  const saved = JSON.parse(readFileSync(place.path('state/siem/positions.json'), 'utf8'))
  expect(saved.positions).toHaveLength(2)
})
