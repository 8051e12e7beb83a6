import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { convertCommand } from '../../../../src/cli/commands/convert.ts'
import { filterCommand } from '../../../../src/cli/commands/filter.ts'
import { simulate } from '../../../../src/simulate/simulator.ts'
import { endedAlone } from '../../../support/command.ts'
import { figure, fixtureLogs } from '../../../support/program.ts'

const fixtures = path.resolve(import.meta.dirname, '../../../../fixtures')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-filter-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (name: string) => path.join(folder, name)
const fixture = (name: string) => path.join(fixtures, name)

/** What the command writes into a file, and how it ends. */
async function filtered(...args: readonly string[]) {
  const ended = await endedAlone(filterCommand, ...args, '-o', at('out'))
  return { ...ended, out: await readFile(at('out')).catch(() => Buffer.alloc(0)) }
}

async function converted(...args: readonly string[]) {
  const ended = await endedAlone(convertCommand, ...args, '-o', at('out'))
  return { ...ended, out: await readFile(at('out'), 'latin1') }
}

test('the rows of some events stand under their header as they stood in the log', async () => {
  const log = await readFile(fixture('event-ids.log'), 'latin1')
  const { code, out, stderr } = await filtered('--events', 'send,RECEIVE', fixture('event-ids.log'))
  expect(code).toBe(0)
  const lines = log.match(/.*\r\n/g) ?? []
  const kept = lines.filter((line) => line.includes('#') || /,(SEND|RECEIVE),/.test(line))
  expect(out.toString('latin1')).toBe(kept.join(''))
  expect(figure(stderr, 'events') + figure(stderr, 'filtered')).toBe(figure(stderr, 'records'))
  expect(figure(stderr, 'events')).toBe(kept.length - 5)
})

test('mistakes are told with what was meant, and what is not for it', async () => {
  const log = fixture('event-ids.log')
  expect(await filtered(log)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing to filter by'),
  })
  const noise = await filtered('--noise', 'shadow-redundancy,monitoring', log)
  expect(noise.code).toBe(0)
  const ofValues = await filtered('--noise', 'agentinfo-performance', log)
  expect(ofValues).toMatchObject({ code: 2, stderr: expect.stringContaining('msgtrk convert takes all') })
  const mistyped = await filtered('--events', 'RECIEVE', log)
  expect(mistyped.stderr).toContain('RECIEVE (did you mean RECEIVE?)')
  expect((await converted('--events', 'RECIEVE', log)).stderr).toContain('RECIEVE (did you mean RECEIVE?)')
})

test('a header is repeated where the columns change and nowhere else', async () => {
  const mark = '\ufeff'
  const header = (version: string, columns: string, end = '\r\n') =>
    ['#Software: Microsoft Exchange Server', `#Version: ${version}`, `#Fields: ${columns}`, ''].join(end)
  const head = header('15', 'date-time,event-id,message-subject')
  await writeFile(
    at('1.log'),
    `${mark}${head}2026-11-20T14:00:00.001Z,SEND,one\r\n2026-11-20T14:00:00.002Z,FAIL,\r\n`,
  )
  // The same columns, but line feeds alone and no byte order mark; only the columns count.
  await writeFile(at('2.log'), `${head.replaceAll('\r', '')}2026-11-20T14:00:00.003Z,SEND,"t,""wo"\n`)
  // A header for rows of other events only is left out; the last row has no line end.
  const other = header('16', 'date-time,event-id')
  await writeFile(
    at('3.log'),
    `${mark}${head}2026-11-20T14:00:00.004Z,FAIL,three\r\n${mark}${other}2026-11-20T14:00:00.005Z,SEND`,
  )
  const { code, out } = await filtered('--events', 'SEND', at('1.log'), at('2.log'), at('3.log'))
  expect(code).toBe(0)
  expect(out.toString()).toBe(
    `${mark}${head}2026-11-20T14:00:00.001Z,SEND,one\r\n` +
      '2026-11-20T14:00:00.003Z,SEND,"t,""wo"\n' +
      `${other}2026-11-20T14:00:00.005Z,SEND\r\n`,
  )
})

test('rows from a log without a header get one', async () => {
  const log = await readFile(fixture('file-no-header-2016.log'))
  const { out } = await filtered('--events', 'RECEIVE', fixture('file-no-header-2016.log'))
  const [fields, ...rows] = out.toString().split(/(?<=\n)(?!#)/)
  expect(fields).toMatch(
    /^#Software: .*\r\n#Log-type: Message Tracking Log\r\n#Fields: date-time,client-ip,.*\r\n$/,
  )
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) expect(log.includes(row)).toBe(true)
})

test('what it writes converts to the events of the logs themselves', async () => {
  const signal = new AbortController().signal
  for (const version of ['2007', '2019'] as const) {
    await simulate({ into: at(version), events: 2000, version, seed: 1, signal })
  }
  const logs = [at('2007'), ...(await fixtureLogs()).map(fixture), at('2019')]
  for (const events of ['RECEIVE', 'SEND,DELIVER,FAIL']) {
    const direct = await converted('--events', events, ...logs)
    const picked = await filtered('--events', events, ...logs)
    await copyFile(at('out'), at('picked.LOG'))
    const again = await converted(at('picked.LOG'))
    expect(again.out).toBe(direct.out)
    expect(figure(again.stderr, 'events')).toBe(figure(picked.stderr, 'events'))
    expect(figure(again.stderr, 'malformed')).toBe(0)
    expect(figure(picked.stderr, 'malformed')).toBe(6)
    expect(figure(picked.stderr, 'records')).toBe(figure(direct.stderr, 'records'))
    // Filtered once more it stays the same.
    expect((await filtered('--events', events, at('picked.LOG'))).out.equals(picked.out)).toBe(true)
  }
})
