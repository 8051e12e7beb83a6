import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { begunAtMs, FolderLook } from '../../../src/tail/folder/folder-look.ts'
import { Lanes } from '../../../src/tail/folder/lanes.ts'

const header =
  '#Software: Microsoft Exchange Server\r\n#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,event-id\r\n'
const row = (time: string, server = 'EX01') => `${time},10.0.0.1,client,10.0.0.2,${server},RECEIVE\r\n`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'msgtrk-look-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const lookAt = (path = folder) =>
  new FolderLook({ name: 'EX01', folder: path, pattern: 'MSGTRK*.LOG', startAt: 'beginning' })

test('sees the logs of a folder, and the newest record of them all', async () => {
  write('MSGTRK2026112010-1.LOG', header + row('2026-11-20T10:00:00.000Z'))
  write(
    'MSGTRK2026112011-1.LOG',
    header + row('2026-11-20T11:00:00.000Z', 'EX02') + row('2026-11-20T11:30:00.000Z', 'EX02'),
  )
  // Begun, and nothing written yet.
  write('MSGTRK2026112012-1.LOG', header)
  write('MSGTRKMD2026112011-1.LOG', header + row('2026-11-20T11:10:00.000Z'))
  write('notes.txt', 'no log')
  const look = lookAt()
  await look.look(0)
  const { logs, reason, unmeasured } = look.seen
  expect({ reason, unmeasured }).toEqual({ reason: null, unmeasured: 0 })
  expect(logs.map(({ name }) => name)).not.toContain('notes.txt')
  expect(logs).toHaveLength(4)
  expect(await look.newestRecord()).toEqual({ atMs: Date.parse('2026-11-20T11:30:00.000Z'), server: 'EX02' })
})

test('a record behind an offset, whatever lines that are none stand before it', async () => {
  const first = `${header}nonsense\r\n`
  write('MSGTRK2026112010-1.LOG', first + row('2026-11-20T10:00:00.000Z') + row('2026-11-20T10:00:01.000Z'))
  const look = lookAt()
  await look.look(0)
  const [log] = look.seen.logs
  if (log === undefined) throw new Error('no log')
  expect((await look.recordFrom(log, 0))?.atMs).toBe(Date.parse('2026-11-20T10:00:00.000Z'))
  const second = first.length + row('2026-11-20T10:00:00.000Z').length
  expect((await look.recordFrom(log, second))?.atMs).toBe(Date.parse('2026-11-20T10:00:01.000Z'))
  expect(await look.recordFrom(log, log.size)).toBeNull()
})

test('the newest record grows with its log, but for a line that is not at its end', async () => {
  write('MSGTRK2026112010-1.LOG', header + row('2026-11-20T10:00:00.000Z'))
  const look = lookAt()
  await look.look(0)
  appendFileSync(
    join(folder, 'MSGTRK2026112010-1.LOG'),
    `${row('2026-11-20T10:00:05.000Z')}2026-11-20T10:00:09.000Z,10`,
  )
  await look.look(0)
  expect((await look.newestRecord())?.atMs).toBe(Date.parse('2026-11-20T10:00:05.000Z'))
})

test('the server that writes is told, and never what the other side of a connection calls itself', async () => {
  const columns = 'date-time,client-hostname,server-hostname,source-context,connector-id,source,event-id'
  const rows = [
    ['EX01', '', '"a, ""b"", c"', '', 'STOREDRIVER', 'DELIVER'],
    ['evil.example', 'EX01', '"MDB:1, Mailbox:2, ""x"""', 'EX01\\Default EX01', 'SMTP', 'HAREDIRECT'],
    ['EX01', 'mx.evil.example', '"250 2.0.0 OK, queued"', 'Internet', 'SMTP', 'SENDEXTERNAL'],
    ['EX02', 'mx.evil.example', '', 'Internet', 'SMTP', 'SEND'],
    ['evil.example', 'mx.evil.example', '', '', 'SMTP', 'AGENTINFO'],
  ].map((fields, index) => `2026-11-20T10:00:0${index}.000Z,${fields.join(',')}\r\n`)
  const servers: (string | null | undefined)[] = []
  const look = lookAt()
  for (let count = 1; count <= rows.length; count++) {
    write('MSGTRK2026112010-1.LOG', `#Fields: ${columns}\r\n${rows.slice(0, count).join('')}`)
    await look.look(0)
    servers.push((await look.newestRecord())?.server)
  }
  // The first says nothing beyond doubt, and the last leaves it to those before it.
  expect(servers).toEqual([null, 'EX01', 'EX01', 'EX02', 'EX02'])
  // Known once, it does not come and go with what was written last.
  write('MSGTRK2026112011-1.LOG', `#Fields: ${columns}\r\n${rows[4]}`)
  await look.look(0)
  expect((await look.newestRecord())?.server).toBe('EX02')
})

test('a server that can not be told from the row is not guessed', async () => {
  write(
    'MSGTRK2026112010-1.LOG',
    `${header}2026-11-20T10:00:00.000Z,"10,0",client,10.0.0.2,"EX""01",RECEIVE\r\n`,
  )
  const look = lookAt()
  await look.look(0)
  expect(await look.newestRecord()).toEqual({ atMs: Date.parse('2026-11-20T10:00:00.000Z'), server: null })
})

test('sees when logs are deleted, and how old the oldest is then', async () => {
  write('MSGTRK2026112010-1.LOG', header)
  write('MSGTRK2026112110-1.LOG', header)
  const look = lookAt()
  await look.look(0)
  expect(look.seen.deletion).toBeNull()
  rmSync(join(folder, 'MSGTRK2026112010-1.LOG'))
  await look.look(0)
  const { deletion, logs } = look.seen
  expect(deletion?.keptMs).toBe((deletion?.atMs ?? 0) - Date.parse('2026-11-21T10:00:00Z'))
  expect(logs.map(begunAtMs)).toEqual([Date.parse('2026-11-21T10:00:00Z')])
})

test('says why a folder can not be read, and keeps what it saw before', async () => {
  write('MSGTRK2026112010-1.LOG', header)
  const look = lookAt()
  await look.look(0)
  rmSync(folder, { recursive: true })
  await look.look(0)
  expect(look.seen.reason).toMatch(/ENOENT/)
  expect(look.seen.logs).toHaveLength(1)
})

test('a folder that does not answer any more holds up nobody for long', async () => {
  write('MSGTRK2026112010-1.LOG', header + row('2026-11-20T10:00:00.000Z'))
  const lanes = new Lanes({ limitMs: 3_600_000, most: 2 })
  const look = new FolderLook({ name: 'EX01', folder, pattern: 'MSGTRK*.LOG', startAt: 'beginning' }, lanes)
  await look.look(0)
  let answer = (): void => {}
  // Another call on the folder hangs, as on a dead share.
  const hanging = lanes.of(folder).call(() => new Promise<void>((resolve) => (answer = resolve)))
  expect(await look.newestRecord()).toBeNull()
  const [log] = look.seen.logs
  if (log === undefined) throw new Error('no log')
  expect(await look.recordFrom(log, 0)).toBeNull()
  answer()
  await hanging
  await expect.poll(() => look.newestRecord()).not.toBeNull()
})
