/** A destination of mails in a running instance: what it tells, what it keeps, and what a start finds. */
import { readFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { knownColumns } from '../../src/records/layouts.ts'
import { RunningInstance } from '../support/instance.ts'
import { Workplace } from '../support/program.ts'

const timeout = 60_000
const columns = knownColumns['2016']

/** A log of these mails, a row for each recipient, written just now. */
function logOf(mails: Readonly<Record<string, readonly string[]>>, more = ''): string {
  const time = new Date().toISOString()
  const rows = Object.entries(mails).flatMap(([id, recipients]) =>
    recipients.map((to) => {
      const fields: Readonly<Record<string, string>> = {
        'date-time': time,
        'event-id': 'RECEIVE',
        source: 'SMTP',
        'network-message-id': id,
        'recipient-address': to,
      }
      return columns.map((name) => fields[name] ?? '').join(',')
    }),
  )
  const header = `#Software: Microsoft Exchange Server\r\n#Version: 15.02.2562.045\r\n#Log-type: Message Tracking Log\r\n#Date: ${time}\r\n#Fields: ${columns.join(',')}\r\n`
  return `${header}${rows.map((row) => `${row}\r\n`).join('')}${more}`
}

function config(mails: string, url: string): string {
  return `state: state
sources: [{ name: EX01, folder: EX01 }, { name: EX02, folder: EX02 }]
destinations: [{ name: siem, to: '${url}', records: mail, turnAfterMs: 100, mails: ${mails} }]
`
}

test('mails wait, are told apart from what is behind, and are made again by a start', { timeout }, async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.write(
    'EX01/MSGTRK2026112014-1.LOG',
    logOf({ m1: ['a@x', 'b@x'], m2: ['c@x'] }, 'no record\r\n'),
  )
  await place.write('EX02/MSGTRK2026112014-1.LOG', logOf({ m1: ['d@x'] }))
  const yaml = config('{ quietMinutes: 60 }', siem.url)
  const running = await RunningInstance.start(place, onTestFinished, yaml)
  const letters = () => readFile(place.path('state/siem/dead-letters.ndjson'), 'utf8')
  await vi.waitFor(
    async () => {
      const { destinations } = await running.instance.status()
      expect(destinations[0]).toMatchObject({
        state: 'idle',
        backlog: { bytes: 0 },
        counts: { read: 5, held: 4, malformed: 1, inFlight: 0, delivered: 0 },
        mails: { open: 2, closed: { quiet: 0, long: 0, full: 0, end: 0 } },
      })
    },
    { timeout },
  )
  expect((await letters()).trim().split('\n')).toHaveLength(1)
  expect(siem.frames).toEqual([])
  await running.stop()

  const last = await place.run('run', '--config', place.path('msgtrk.yaml'), '--once')
  expect(last.code).toBe(0)
  await siem.has(2)
  const events = siem.frames.map((frame) =>
    frame.slice(frame.indexOf(' duser=')).replace(/ cs1=.*? cn3=/, ' cn3='),
  )
  expect(events.map((event) => /duser=(\S+).* cn3=(\d+)/.exec(event)?.slice(1)).sort()).toEqual([
    ['a@x;b@x;d@x', '3'],
    ['c@x', '1'],
  ])
  // It was written once, and its place is known beside the position.
  expect((await letters()).trim().split('\n')).toHaveLength(1)

  const nothing = await place.run('run', '--config', place.path('msgtrk.yaml'), '--once')
  expect(nothing.stderr).toContain('"read":0,')
  expect(siem.frames).toHaveLength(2)
})
