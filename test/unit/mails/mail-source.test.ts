/** Mails of logs that are followed, as far as schedules in `test/property` do not tell of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { mailColumns } from '../../../src/mails/layout.ts'
import { MailSource } from '../../../src/mails/mail-source.ts'
import { createSource } from '../../../src/tail/source.ts'
import { createMailRows } from '../../../src/transform/mail-rows.ts'
import { memoryLog } from '../tail/logs.ts'

const start = Date.UTC(2026, 10, 20)
const minute = 60_000

/** A mail each minute of ten hours, of which each kind of logs has a row; those of the second one are short. */
const mails = Array.from({ length: 600 }, (_, index) => ({ id: `m${index}`, atMs: start + index * minute }))

function logOf(filler: number): string {
  const rows = mails.map(
    ({ id, atMs }) => `${new Date(atMs).toISOString()},RECEIVE,SMTP,EX01,${id},${'x'.repeat(filler)}`,
  )
  const fields = 'date-time,event-id,source,server-hostname,network-message-id,message-subject'
  return [
    '#Software: Microsoft Exchange Server',
    '#Version: 15.02.1544.004',
    '#Log-type: Message Tracking Log',
    `#Date: ${new Date(start).toISOString()}`,
    `#Fields: ${fields}`,
    ...rows,
    '',
  ].join('\r\n')
}

/** What differs between tests. */
interface Setup {
  readonly follow: boolean
  readonly now?: () => number
}

/** The mails of a folder. */
function mailsOf(folder: string, { follow, now }: Setup): MailSource {
  const source = createSource({
    sources: [{ name: 'EX01', folder, pattern: 'MSGTRK*.LOG', startAt: 'beginning' }],
    follow,
    byTime: true,
    chunkBytes: 4096,
    log: memoryLog(),
  })
  return new MailSource({
    rows: source,
    rowsIn: createMailRows({
      mapping: 'mail',
      cefVersion: 0,
      additionalData: 'arcsight',
      syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
      framing: 'lf',
      maxMessageBytes: 65_536,
    }),
    checkpoint: { load: async () => new Map(), save: async () => {} },
    settings: { quietMinutes: 15, openMinutes: 120, maxMegabytes: 100 },
    sources: ['EX01'],
    behind: (name) => source.behind(name),
    counter: { held: () => {}, leftOut: () => {} },
    gone: () => [],
    ...(now !== undefined && { now }),
  })
}

test('a clock that was a day ahead and is set right holds up no mail', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-mails-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'MSGTRK2026112000-1.LOG')
  await writeFile(file, '')
  let nowMs = start + 1440 * minute
  const mailSource = mailsOf(folder, { follow: true, now: () => nowMs })
  const stop = new AbortController()
  const ids: string[] = []
  const reading = (async () => {
    for await (const { bytes } of mailSource.read(await mailSource.load(), stop.signal)) {
      ids.push(...(bytes.toString().match(/m\d+/g) ?? []))
      if (ids.length > 0) stop.abort()
    }
  })()
  // Open by the wrong clock, and by the right one for a quiet time.
  await writeFile(file, `${logOf(0).split('\r\n').slice(0, 6).join('\r\n')}\r\n`)
  await vi.waitFor(() => expect(mailSource.open.open).toBe(1), { timeout: 60_000 })
  nowMs = start + minute
  // The right time is seen before it goes on.
  await mailSource.save(new Map())
  nowMs += 16 * minute
  await reading
  expect(ids).toEqual(['m0'])
})

test('in a backlog a mail of which several kinds of logs have rows is one record', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-mails-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'MSGTRK2026112000-1.LOG'), logOf(500))
  await writeFile(join(folder, 'MSGTRKMD2026112000-1.LOG'), logOf(0))
  const mailSource = mailsOf(folder, { follow: false })
  const why = new Map<string, number>()
  const rows: string[] = []
  for await (const { bytes } of mailSource.read(await mailSource.load(), new AbortController().signal)) {
    for (const line of bytes.toString().split('\r\n').slice(0, -1)) {
      const values = line.split(',')
      const value = (name: (typeof mailColumns)[number]) => values[mailColumns.indexOf(name)] ?? ''
      why.set(value('closed'), (why.get(value('closed')) ?? 0) + 1)
      rows.push(value('rows'))
    }
  }
  expect(rows).toHaveLength(mails.length)
  expect(new Set(rows)).toEqual(new Set(['2']))
  // They were closed while others were read, and not only at the end.
  expect(why.get('quiet')).toBeGreaterThan(mails.length / 2)
})
