import { chmod, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { examineFolder } from '../../../src/doctor/folder.ts'

const header = `#Software: Microsoft Exchange Server
#Version: 15.01.2507.039
#Log-type: Message Tracking Log
#Date: 2026-11-20T14:00:00.000Z
#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,event-id
`
const row = (time: string) => `${time},10.0.0.1,a,10.0.0.2,EX01,RECEIVE\r\n`
const name = 'MSGTRK2026112014-1.LOG'
const now = Date.parse('2026-11-20T14:30:00.000Z')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-doctor-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function log(text: string, file = name, modifiedAtMs = now): Promise<void> {
  await writeFile(join(folder, file), text)
  await utimes(join(folder, file), modifiedAtMs / 1000, modifiedAtMs / 1000)
}

/** Each as `verdict part: message`. */
async function lines(pattern = 'MSGTRK*.LOG', correctSeconds = 0): Promise<readonly string[]> {
  const { examined } = await examineFolder({ folder, pattern, correctSeconds }, () => now)
  return examined.map(({ verdict, part, message, remedy }) => {
    if (verdict !== 'ok') expect(remedy, message).toBeTruthy()
    return `${verdict} ${part}: ${message.replaceAll(folder, 'F').replaceAll(/\d+ ms/g, 'N ms')}`
  })
}

test('a folder that is followed well', async () => {
  await log(header + row('2026-11-20T14:29:30.000Z'))
  expect(await lines()).toEqual([
    'ok folder: 1 log seen in N ms',
    'ok rights: 1 log can be read, in N ms each',
    `ok header: ${name}: version 15.01.2507.039, 6 columns`,
    `ok newest: newest record by EX01 2026-11-20T14:29:30.000Z, 30 s ago`,
    'ok clock: neither records nor files lie in the future',
  ])
})

test('clocks that are wrong: of the server that writes, corrected, and of the share', async () => {
  await log(header + row('2026-11-20T15:30:00.000Z'))
  expect((await lines()).at(-1)).toBe('warning clock: the newest record lies 1 h in the future')
  expect((await lines('*.LOG', -3600)).at(-1)).toBe(
    'ok clock: neither records nor files lie in the future, with -3600 s added',
  )
  await log(header + row('2026-11-20T14:29:00.000Z'), name, now + 7_200_000)
  expect((await lines()).at(-1)).toBe(
    'warning clock: the newest log was changed 2 h in the future, says the server of the folder',
  )
})

test('a server that has stopped writing', async () => {
  await log(header + row('2026-11-18T14:30:00.000Z'))
  expect((await lines())[3]).toBe(`warning newest: newest record by EX01 2026-11-18T14:30:00.000Z, 2 d ago`)
})

test('a folder that is missing, a file, empty, or holds something else', async () => {
  await log('x', 'other.txt')
  expect(await lines()).toEqual([
    'warning folder: no file in F matches MSGTRK*.LOG: it holds 1 other file, such as other.txt',
  ])
  await rm(join(folder, 'other.txt'))
  expect(await lines()).toEqual(['warning folder: no file in F matches MSGTRK*.LOG: it is empty'])
  await rm(folder, { recursive: true })
  expect(await lines()).toEqual([expect.stringMatching(/^failure folder: ENOENT: .*'F'$/)])
  await writeFile(folder, '')
  expect(await lines()).toEqual(['failure folder: F: is no folder'])
})

test('a log that can not be read, with the remedy for it', async () => {
  await log(header + row('2026-11-20T14:29:30.000Z'))
  await symlink(join(folder, 'MSGTRK2026112015-1.LOG'), join(folder, 'MSGTRK2026112015-1.LOG'))
  const { examined } = await examineFolder({ folder, pattern: '*.LOG' }, () => now)
  // What leads nowhere is no log; the others are seen.
  expect(examined.map(({ verdict }) => verdict)).not.toContain('failure')
  if (process.getuid?.() === 0) return
  await chmod(join(folder, name), 0)
  expect((await lines())[1]).toMatch(/^failure rights: 1 of 1 log can't be read: EACCES/)
})

test('a log of another kind, one without a header, one without a record', async () => {
  await log(header.replace('Message Tracking', 'Transport') + row('2026-11-20T14:29:30.000Z'))
  expect((await lines())[2]).toBe(
    `failure header: ${name}: this is no message tracking log but a "Transport Log"`,
  )
  await log(row('2026-11-20T14:29:30.000Z'))
  expect((await lines())[2]).toMatch(/^warning header: .*has no #Fields line/)
  await log(header)
  expect((await lines()).at(-1)).toBe(`warning newest: no record was found at the end of ${name}`)
})
