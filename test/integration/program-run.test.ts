/** Starting, ending and carrying on of `msgtrk run`. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { allThereInOrder, judge } from '../support/collector.ts'
import { type Program, Workplace } from '../support/program.ts'

/** One source `EX01`, and one destination that confirms soon. */
function config(to: string, more = ''): string {
  return `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: siem, to: '${to}', confirmAfterMs: 100${more} }
`
}

/** Fails when the counters of the last log line do not balance. */
function expectBalance(program: Program): void {
  const counts = program.log.findLast(({ message }) => message === 'Stopped' || message === 'Done')
  const sum = ['delivered', 'filtered', 'malformed', 'rejected', 'lost', 'inFlight'].map((name) =>
    Number(counts?.[name]),
  )
  expect(counts?.read).toBe(sum.reduce((a, b) => a + b, 0))
}

test.concurrent('--once waits for a destination that comes up later, and ends when all is settled', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const before = await place.collect()
  const { url } = before
  await before.close()
  await place.simulate('EX01', 300)
  await place.write('msgtrk.yaml', config(url, ', maxMessageBytes: 1048576'))
  const program = place.start('run', '--config', 'msgtrk.yaml', '--once')
  const down = await program.logged('Destination unavailable')
  expect(down).toMatchObject({ level: 'warn', reason: expect.stringContaining('connection refused') })

  const siem = await place.collect({ listen: url })
  expect(await program.ended).toMatchObject({ code: 0 })
  expect(judge(siem.frames, await place.expectedFrames('EX01'))).toEqual(allThereInOrder)
  expect(program.log.at(-1)).toMatchObject({ message: 'Done', read: 300, delivered: 300, inFlight: 0 })
  expect(program.log.filter(({ level }) => level === 'error')).toEqual([])
})

test.concurrent('--events delivers only those, and the rest counts as filtered', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('event-ids.log', 'EX01/MSGTRK2026112014-1.LOG')
  const ended = place.start('run', '--from', 'EX01', '--to', siem.url, '--events', 'send,RECEIVE', '--once')
  expect((await ended.ended).code).toBe(0)
  expect(readdirSync(place.path('msgtrk-state')).sort()).toEqual([
    '.names.json',
    'lock.1',
    expect.stringMatching(/^tcp-/),
  ])
  const names = siem.frames.map((frame) => frame.split('|')[4])
  expect(new Set(names)).toEqual(new Set(['SEND', 'RECEIVE']))
  expect(Number(ended.log.at(-1)?.filtered)).toBeGreaterThan(10)
  expectBalance(ended)
})

test.concurrent('a source whose name was cut within a word goes on where it was', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  const folder = `${'x'.repeat(20)}/${'y'.repeat(20)}/${'z'.repeat(20)}/EX01`
  await place.fixture('event-ids.log', `${folder}/MSGTRK2026112014-1.LOG`)
  const once = ['run', '--from', folder, '--to', siem.url, '--once']
  const first = place.start(...once)
  expect((await first.ended).code).toBe(0)
  expect(Number(first.log.at(-1)?.delivered)).toBeGreaterThan(0)

  const [name] = readdirSync(place.path('msgtrk-state')).filter((entry) => entry.startsWith('tcp'))
  const positions = `msgtrk-state/${name}/positions.json`
  const now = /"file":"([^/]+)\//.exec(readFileSync(place.path(positions), 'utf8'))?.[1] ?? ''
  // As versions before wrote it: the last 64 letters of the path.
  const before = place
    .path(folder)
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .slice(-64)
  expect(before).not.toBe(now)
  await place.write(
    positions,
    readFileSync(place.path(positions), 'utf8').replaceAll(`"${now}/`, `"${before}/`),
  )
  const second = place.start(...once)
  expect((await second.ended).code).toBe(0)
  expect(second.log.at(-1)).toMatchObject({ message: 'Done', delivered: 0 })
})

test.concurrent('lines that are no record go to the dead letters, and the rest is delivered', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  const bytes = await place.fixture('file-malformed-lines.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.write('msgtrk.yaml', config(siem.url))
  const program = place.start('run', '--config', 'msgtrk.yaml', '--once')
  expect((await program.ended).code).toBe(0)

  const told = await place.fixture('file-malformed-lines.malformed')
  const letters = readFileSync(place.path('state', 'siem', 'dead-letters.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
  expect(letters.map(({ offset, reason }) => `${offset}: ${reason}\n`).join('')).toBe(told.toString())
  for (const { time, file, offset, line } of letters) {
    expect(file).toBe(place.path('EX01', 'MSGTRK2026112014-1.LOG'))
    expect(line).toBe(bytes.subarray(Number(offset), bytes.indexOf('\r\n', Number(offset))).toString())
    expect(time).toMatch(/^\d{4}-\d{2}-\d{2}T/)
  }
  expect(siem.frames).toHaveLength(3)
  expect(siem.incorrect).toEqual([])
  expect(program.log.at(-1)).toMatchObject({ read: 6, delivered: 3, malformed: 3, inFlight: 0 })
})

test.concurrent('the end of standard input stops it with all settled; a signal does so while input is open', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.write('msgtrk.yaml', config(siem.url))
  const args = ['run', '--config', 'msgtrk.yaml', '--stop-on-stdin-end']
  const first = place.startWithInput(...args)
  await siem.has(5)
  first.child.stdin?.end('not looked at')
  expect(await first.ended).toMatchObject({ code: 0, signal: null })
  expect(first.log.at(-1)).toMatchObject({ message: 'Stopped', delivered: 5, inFlight: 0 })

  const second = place.startWithInput(...args)
  await second.logged('Started')
  expect(await second.stop()).toMatchObject({ code: 0, signal: null })
  expect(second.log.at(-1)).toMatchObject({ message: 'Stopped', read: 0 })
})

test.concurrent('a second signal ends it at once, and the next start delivers what was not settled', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.write('msgtrk.yaml', config(siem.url).replace('100', '600000'))
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await siem.has(5)
  // Two signals of a kind that come together are one to a process.
  program.child.kill('SIGTERM')
  expect(await program.stop('SIGINT')).toMatchObject({ code: 4, signal: null })
  // It says so when it has waited in vain: this time it has not waited.
  expect(program.stderr).not.toContain('Stopped')

  await place.write('msgtrk.yaml', config(siem.url))
  const next = await place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(next.code).toBe(0)
  expect(siem.frames).toHaveLength(10)
})

test.concurrent('stopped while nothing is confirmed, it says that the rest follows', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const before = await place.collect()
  const { url } = before
  await before.close()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  const program = place.start('run', '--from', 'EX01', '--to', url)
  await program.logged('Destination unavailable')
  await place.hasRead('msgtrk-state')
  expect(await program.stop('SIGINT')).toMatchObject({ code: 4, signal: null })
  expect(program.log.map(({ message }) => message)).toContain(
    'Stopped before all was settled; the rest follows after the next start',
  )
  expectBalance(program)
})

test.concurrent('one process at a time has the state folder, and a killed one does not keep it', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await mkdir(place.path('EX01'))
  await place.write('msgtrk.yaml', config(siem.url))
  const first = place.start('run', '--config', 'msgtrk.yaml')
  await first.logged('Started')
  const second = await place.run('run', '--config', 'msgtrk.yaml')
  expect(second.code).toBe(3)
  expect(second.stderr).toContain(`process ${first.pid} `)
  expect(second.stderr).toContain('→')

  await first.stop('SIGKILL')
  const third = place.start('run', '--config', 'msgtrk.yaml')
  await third.logged('Started')
  expect((await third.stop()).code).toBe(0)
  const fourth = await place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(fourth.code).toBe(0)
})

test.concurrent('positions that can not be read stop the start of all destinations', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  const others = ['lab', 'archive'].map((name) => `  - { name: ${name}, to: '${siem.url}' }\n`)
  await place.write('msgtrk.yaml', config(siem.url) + others.join(''))
  const damaged = [
    await place.write('state/lab/positions.json', '{"version":1,"positions":['),
    await place.write('state/archive/positions.json', ''),
  ]
  const program = place.start('run', '--config', 'msgtrk.yaml')
  expect(await program.ended).toMatchObject({ code: 3, signal: null })
  for (const path of damaged) expect(program.stderr).toContain(`${path}: the checkpoint is damaged`)
  expect(siem.frames).toEqual([])
  expect(readFileSync(damaged[0] as string, 'utf8')).toBe('{"version":1,"positions":[')
})

test.concurrent('a folder that is missing is told once, holds up no other, and is read when it appears', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.write('msgtrk.yaml', config(siem.url).replace(' }]', ' }, { name: EX02, folder: EX02 }]'))
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await siem.has(5)
  await program.logged('The folder of a source cannot be read')
  await place.fixture('exchange-2019.log', 'EX02/MSGTRK2026112014-1.LOG')
  await program.logged('The folder of a source is readable again')
  const expected = [...(await place.expectedFrames('EX01')), ...(await place.expectedFrames('EX02'))]
  await siem.has(new Set(expected.flatMap(([, rows]) => rows)).size)
  expect((await program.stop()).code).toBe(0)
  const errors = program.log.filter(({ level }) => level === 'error')
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ folder: place.path('EX02'), remedy: expect.any(String) })
})

test.concurrent('a certificate that is not trusted is shown with what to do, and nothing is sent', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const authority = await makeAuthority('Authority of somebody else')
  const { cert, key, fingerprint } = await makeCertificate({ authority })
  const siem = await place.collect({ listen: 'tls://127.0.0.1:0', tls: { cert, key } })
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  const program = place.start('run', '--from', 'EX01', '--to', siem.url)
  const { reason } = await program.logged('Destination unavailable')
  expect(reason).toContain(`sha-256:${fingerprint}`)
  expect(reason).toContain('Authority of somebody else')
  expect(reason).toContain('tls.ca')
  await place.hasRead('msgtrk-state')
  expect((await program.stop()).code).toBe(4)
  expect(siem.frames).toEqual([])

  await place.write('msgtrk.yaml', config(siem.url, `, tls: { fingerprint: '${fingerprint}' }`))
  expect((await place.run('run', '--config', 'msgtrk.yaml', '--once')).code).toBe(0)
  expect(siem.frames).toHaveLength(5)
})
