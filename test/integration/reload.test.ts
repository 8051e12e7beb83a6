/** A configuration that is read again while events are delivered. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, readFile, rename, stat } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { describe, expect, type TestContext, test, vi } from 'vitest'
import { reloadCommand } from '../../src/cli/commands/reload.ts'
import { readOwner } from '../../src/lock/lock-owner.ts'
import { lockPath } from '../../src/lock/take-folder.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { makeCertificate } from '../support/certificates.ts'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { ended, output, problemsOf } from '../support/command.ts'
import { RunningInstance } from '../support/instance.ts'
import { type Program, Workplace } from '../support/program.ts'

const timeout = 180_000
const log = 'EX01/MSGTRK2026112014-1.LOG'

interface Destination {
  readonly name: string
  readonly to: string
  readonly more?: string
}

function config(
  destinations: readonly Destination[],
  more = '',
  sources = '[{ name: EX01, folder: EX01 }]',
): string {
  const lines = destinations.map(
    ({ name, to, more = '' }) =>
      `  - { name: ${name}, to: '${to}', maxMessageBytes: 1048576, turnAfterMs: 500${more} }`,
  )
  return `state: state\nsources: ${sources}\n${more}\ndestinations:\n${lines.join('\n')}\n`
}

test.concurrent('a destination with the same settings goes on untouched, a changed one from its positions', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const [same, changed, added] = [await place.collect(), await place.collect(), await place.collect()]
  const bytes = await place.fixture('exchange-2016.log', log)
  const expected = await place.expectedFrames('EX01')
  const count = distinct(expected)
  const a = { name: 'a', to: same.url }
  const running = await RunningInstance.start(
    place,
    onTestFinished,
    config([a, { name: 'b', to: changed.url }, { name: 'gone', to: changed.url, more: ', events: [FAIL]' }]),
  )
  await Promise.all([same.has(count), changed.has(count)])
  const before = running.pipeline('a')
  const done = await running.reload(
    config([
      { name: 'new', to: added.url },
      { name: 'b', to: changed.url, more: ', events: [SEND], syslog: { facility: local4 }' },
      a,
    ]),
  )
  expect(done).toMatchObject({
    kept: ['a'],
    restarted: ['b'],
    started: ['new'],
    stopped: ['gone'],
    changed: [
      'destinations.b.syslog.facility',
      'destinations.b.events',
      'destinations.gone',
      'destinations.new',
    ],
  })
  expect(running.instance.pipelines.map(({ name }) => name)).toEqual(['new', 'b', 'a'])
  const after = running.pipeline('a')
  expect(after.statistics).toBe(before.statistics)
  expect(after.destination).toBe(before.destination)
  expect(after.source).toBe(before.source)
  await added.has(count)
  const [rows] = bytes.toString('latin1').split('\r\n').slice(-2)
  await appendFile(place.path(log), `${rows}\r\n`)
  const again = await place.expectedFrames('EX01')
  const last = again.get(log)?.at(-1) ?? ''
  const all = [...again.values()].flat().length
  await same.until('the row that was appended', () => same.frames.length === all)
  await added.until('the same', () => added.frames.length === all)
  expect(same.frames.at(-1)).toBe(last)
  expect(await running.stop()).toBe(ExitCode.ok)
  expect(judge(same.frames, again)).toEqual(allThereInOrder)
  expect(judge(added.frames, again)).toMatchObject({ missing: 0, unknown: 0, outOfOrder: 0 })
  expect(running.said('info Reloaded')).toHaveLength(1)
  expect(running.said('info Reloaded')[0]).toMatch(/"by":"test","sha256":"[0-9a-f]{64}"/)
})

test.concurrent('with any mistake nothing changes, and all of them are told', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const a = { name: 'a', to: receiver.url }
  const running = await RunningInstance.start(place, onTestFinished, config([a]))
  await receiver.has(1)
  const { pipelines, config: inForce } = running.instance
  const mistaken = config(
    [
      { ...a, more: ', mapping: none.yaml' },
      { name: 'b', to: 'tls://x', more: ', tls: { ca: none.pem }, colour: red' },
    ],
    'deadLetters: { maxMegabytes: none }',
  )
  const told = await problemsOf(running.reload(mistaken))
  expect(told).toContain('msgtrk.yaml:3 deadLetters.maxMegabytes')
  expect(told).toContain('none.yaml')
  expect(told).toMatch(/destinations\.1\.tls\.ca: can't read .*none\.pem/)
  expect(told).toContain('destinations.1.colour: is no setting')
  expect(await problemsOf(running.reload(config([a]).replace('state: state', 'state: other')))).toContain(
    'names another state folder',
  )
  expect(await problemsOf(running.reload('{'))).toContain('msgtrk.yaml:')
  expect(running.instance.pipelines).toBe(pipelines)
  expect(running.instance.config).toBe(inForce)
  expect(running.instance.lastReload).toMatchObject({ isSuccessful: false })
  expect(running.said('error Not reloaded').length).toBeGreaterThanOrEqual(6)
  expect(await running.reload(config([a]))).toMatchObject({ changed: [], kept: ['a'] })
  expect(running.instance.pipelines.map((one) => one.statistics)).toEqual(
    pipelines.map((one) => one.statistics),
  )
})

test.concurrent('who asks while one reads gets what stands there later, together with all others', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const named = (...names: readonly string[]) => config(names.map((name) => ({ name, to: receiver.url })))
  const running = await RunningInstance.start(place, onTestFinished, named('a'))
  await running.write(named('a', 'b'))
  const first = running.instance.reload({ by: 'first' })
  await new Promise((resolve) => setImmediate(resolve))
  await running.write(named('a', 'b', 'c'))
  const others = ['second', 'third'].map((by) => running.instance.reload({ by }))
  const done = await Promise.all([first, ...others])
  expect(done[1]).toBe(done[2])
  expect(running.instance.pipelines.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(done.flatMap(({ started }) => started)).toContain('c')
  expect(running.said('info Reloaded')).toHaveLength(2)
  expect(running.said('info Reloaded')[1]).toContain('"by":"second, third"')
})

test.concurrent('files that settings name count as settings: tables, categories, certificates', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  await place.write('base.yaml', 'extends: exchange-2013\nname: base\nversion: 1.0.0\n')
  await place.write('own.yaml', 'extends: base.yaml\nname: own\nversion: 1.0.0\n')
  await place.write('ca.pem', (await makeCertificate()).cert)
  const settings = config([
    { name: 'a', to: receiver.url },
    { name: 'b', to: receiver.url, more: ', mapping: own.yaml' },
    { name: 'c', to: 'tls://127.0.0.1:9', more: ', tls: { ca: ca.pem }' },
  ])
  const running = await RunningInstance.start(place, onTestFinished, settings)
  expect(await running.reload(settings)).toMatchObject({ changed: [], kept: ['a', 'b', 'c'] })
  const { sha256 } = running.instance.config
  await place.write('ca.pem', (await makeCertificate()).cert)
  expect(await running.reload(settings)).toMatchObject({
    changed: [`destinations.c (content of ${place.path('ca.pem')})`],
    kept: ['a', 'b'],
    restarted: ['c'],
    sha256,
  })
  await place.write('base.yaml', 'extends: exchange-2013\nname: base\nversion: 1.1.0\n')
  expect(await running.reload(settings)).toMatchObject({
    changed: [`destinations.b (content of ${place.path('base.yaml')})`],
    restarted: ['b'],
  })
  await place.write('base.yaml', 'nothing')
  expect(await problemsOf(running.reload(settings))).toContain('base.yaml')
})

test.concurrent('values that references bring in are compared, and never told', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  await place.write('key', '00112233445566778899aabbccddeeff')
  const hashed = ", privacy: { columns: { client-ip: hash }, hashKey: '$" + "{file:key}' }"
  const settings = config([{ name: 'a', to: receiver.url, more: hashed }])
  const running = await RunningInstance.start(place, onTestFinished, settings)
  expect(await running.reload(settings)).toMatchObject({ changed: [], kept: ['a'] })
  await place.write('key', '00112233445566778899aabbccddee00')
  expect(await running.reload(settings)).toMatchObject({
    changed: ['destinations.a.privacy.hashKey'],
    restarted: ['a'],
  })
  expect(running.log.lines.join('\n')).not.toMatch(/00112233/)
})

test.concurrent('sources that change do so for all, and what was read of others stays read', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const [one, other] = [await place.collect(), await place.collect()]
  await place.fixture('exchange-2016.log', log)
  await place.fixture('exchange-2019.log', 'EX02/MSGTRK2026112015-1.LOG')
  const destinations = [
    { name: 'a', to: one.url },
    { name: 'b', to: other.url },
  ]
  const first = '{ name: EX01, folder: EX01 }'
  const running = await RunningInstance.start(place, onTestFinished, config(destinations))
  const expected = new Map([...(await place.expectedFrames('EX01')), ...(await place.expectedFrames('EX02'))])
  await Promise.all([one.has(distinct(await place.expectedFrames('EX01'))), other.has(1)])
  const both = config(destinations, '', `[{ name: EX02, folder: EX02 }, ${first}]`)
  expect(await running.reload(both)).toMatchObject({ changed: ['sources.EX02'], restarted: ['a', 'b'] })
  await Promise.all([one.has(distinct(expected)), other.has(distinct(expected))])
  const swapped = config(destinations, '', `[${first}, { name: EX02, folder: EX02 }]`)
  expect(await running.reload(swapped)).toMatchObject({ changed: [], kept: ['a', 'b'] })
  expect(await running.stop()).toBe(ExitCode.ok)
  for (const { frames } of [one, other]) {
    expect(judge(frames, expected)).toMatchObject({ missing: 0, unknown: 0, outOfOrder: 0 })
  }
})

test.concurrent('it is done also when no destination takes anything', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const dead = await place.collect()
  await dead.close()
  await place.fixture('exchange-2016.log', log)
  const expected = await place.expectedFrames('EX01')
  const running = await RunningInstance.start(place, onTestFinished, config([{ name: 'a', to: dead.url }]))
  const well = await place.collect()
  const done = await running.reload(config([{ name: 'a', to: well.url }]))
  expect(done).toMatchObject({ changed: ['destinations.a.to'], restarted: ['a'] })
  await well.has(distinct(expected))
  expect(judge(well.frames, expected)).toEqual(allThereInOrder)
})

test.concurrent('what stands still is stopped in time, and what was in flight comes to the new address', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const sockets = new Set<Socket>()
  const still = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket.on('error', () => {}))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    still.close()
  })
  await once(still, 'listening')
  await place.fixture('exchange-2016.log', log)
  const expected = await place.expectedFrames('EX01')
  const count = [...expected.values()].flat().length
  const to = `tcp://127.0.0.1:${(still.address() as AddressInfo).port}`
  // Not before it is stopped.
  const more = ', stallTimeoutMs: 600000'
  const running = await RunningInstance.start(place, onTestFinished, config([{ name: 'a', to, more }]))
  await vi.waitFor(() => expect(running.pipeline('a').statistics.snapshot().inFlight).toBe(count), timeout)
  const before = running.pipeline('a')
  const well = await place.collect()
  await running.reload(config([{ name: 'a', to: well.url }]))
  expect(before.statistics.snapshot()).toMatchObject({
    read: count,
    delivered: 0,
    inFlight: count,
    repeated: count,
  })
  await well.has(distinct(expected))
  expect(judge(well.frames, expected)).toEqual(allThereInOrder)
  // Nobody has to do anything about it.
  expect(
    running.said('info Stopped before all was settled; the rest follows with the new settings'),
  ).toHaveLength(1)
  expect(running.said('warn Stopped')).toEqual([])
})

test.concurrent('reports on the program go on with the new settings, those that waited as well', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const [one, dead] = [await place.collect(), await place.collect()]
  await dead.close()
  await place.fixture('exchange-2016.log', log)
  const reports = ({ frames }: typeof one) =>
    frames.flatMap((frame) => /\|msgtrk\|msgtrk\|[^|]*\|([^|]*)/.exec(frame)?.[1] ?? [])
  const a = { name: 'a', to: one.url, more: ', selfReport: true' }
  const b = { name: 'b', to: dead.url, more: ', selfReport: true' }
  const running = await RunningInstance.start(place, onTestFinished, config([a, b]))
  await one.until('the start', () => reports(one).includes('agent:030'))
  const other = await place.collect()
  await running.reload(config([a, { ...b, to: other.url }]))
  await one.until('the reload', () => reports(one).includes('msgtrk:050'))
  await other.until('both', () => reports(other).includes('msgtrk:050'))
  expect(reports(other)).toContain('agent:030')
  await problemsOf(running.reload('{'))
  await one.until('the one that failed', () => reports(one).includes('msgtrk:051'))
  await running.reload(config([a]))
  expect(await running.stop()).toBe(ExitCode.ok)
  expect(reports(one).filter((id) => id === 'agent:030')).toHaveLength(1)
  expect(reports(one).at(-1)).toBe('agent:031')
  expect(reports(other)).not.toContain('agent:031')
})

test.concurrent('a renamed source is refused until it says what it was called, or that all may come again', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const expected = await place.expectedFrames('EX01')
  const a = [{ name: 'a', to: receiver.url }]
  const running = await RunningInstance.start(place, onTestFinished, config(a))
  await receiver.has(distinct(expected))
  await running.reload(config(a, 'deadLetters: { maxMegabytes: 50 }')) // Positions are saved then.
  const renamed = config(a, '', '[{ name: mail1, folder: EX01 }]')
  expect(await problemsOf(running.reload(renamed))).toMatch(
    /msgtrk.yaml:2 sources.0.name: source mail1 reads the folder of EX01.*\n.*formerName: EX01.*--deliver-again/,
  )
  const told = renamed.replace('name: mail1', 'name: mail1, formerName: EX01')
  expect(await running.reload(told)).toMatchObject({ restarted: ['a'] })
  // Once its positions are saved under the new name, the old one is of no use any more.
  expect(
    await running.reload(config(a, 'deadLetters: { maxMegabytes: 60 }', '[{ name: mail1, folder: EX01 }]')),
  ).toBeTruthy()
  await running.write(config(a, '', '[{ name: mail2, folder: EX01 }]'))
  expect(await problemsOf(running.instance.reload({ by: 'test' }))).toContain('reads the folder of mail1')
  expect(judge(receiver.frames, expected)).toEqual(allThereInOrder)
  await running.instance.reload({ by: 'test', deliverAgain: true })
  const all = [...expected.values()].flat().length
  await receiver.until('all of it again', () => receiver.frames.length === 2 * all)
  expect(await running.stop()).toBe(ExitCode.ok)
  expect(judge(receiver.frames, expected)).toEqual({ ...allThereInOrder, repeated: all })
})

test.concurrent('a renamed destination is refused likewise, and takes positions and dead letters over', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const expected = await place.expectedFrames('EX01')
  const named = (name: string, more = '') => config([{ name, to: receiver.url, more }])
  const running = await RunningInstance.start(place, onTestFinished, named('a'))
  await receiver.has(distinct(expected))
  await running.reload(`${named('a')}deadLetters: { maxMegabytes: 50 }\n`)
  expect(await problemsOf(running.reload(named('b')))).toMatch(/destination b sends to where a did/)
  expect(await running.reload(named('b', ', formerName: a'))).toMatchObject({
    started: ['b'],
    stopped: ['a'],
  })
  await expect(stat(place.path('state', 'a'))).rejects.toThrow('ENOENT')
  expect(await running.reload(named('b'))).toMatchObject({ kept: ['b'] })
  expect(await running.stop()).toBe(ExitCode.ok)
  expect(judge(receiver.frames, expected)).toEqual(allThereInOrder)
  // A start and `check` only say so: whoever starts it has nothing else to go by.
  await rename(place.path('state', 'b'), place.path('state', 'c'))
  const again = await RunningInstance.start(place, onTestFinished, named('c'))
  expect(again.said('warn A new name')).toEqual([])
  await again.stop()
  await place.write('msgtrk.yaml', named('d'))
  const checked = await place.run('check', '--config', 'msgtrk.yaml')
  expect(checked.code).toBe(0)
  expect(checked.stderr).toContain('destination d sends to where c did')
})

test.concurrent('msgtrk reload tells what changed, or all mistakes with their places', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const named = (...names: readonly string[]) => config(names.map((name) => ({ name, to: receiver.url })))
  const running = await RunningInstance.start(place, onTestFinished, named('a'))
  const file = place.path('msgtrk.yaml')
  await running.write(named('a', 'b'))
  const sha256 = createHash('sha256').update(named('a', 'b')).digest('hex')
  const done = await place.run('reload', '--config', file)
  expect(done).toMatchObject({ code: 0, stderr: '' })
  expect(done.stdout.toString()).toBe(
    `${file}: in force, SHA-256 ${sha256}\n  changed: destinations.b\n  untouched: a\n  new: b\n`,
  )
  expect(running.said('info Reloaded')[0]).toContain(`"by":"msgtrk reload (${userInfo().username}`)
  expect(await output(reloadCommand, ['--state', place.path('state')])).toContain('nothing has changed')

  await running.write(`${named('a')}colour: red\nlog: { level: loud }\n`)
  const refused = await ended(reloadCommand, '--config', file)
  expect(refused.code).toBe(ExitCode.mistake)
  expect(refused.stderr).toContain(`${file}:6 colour: is no setting`)
  expect(refused.stderr).toContain(`${file}:7 log.level: must be one of`)
  expect(running.instance.pipelines.map(({ name }) => name)).toEqual(['a', 'b'])

  await vi.waitFor(() => stat(place.path('state', 'b', 'positions.json')), timeout)
  await running.write(named('a', 'c'))
  const renamed = await ended(reloadCommand, '--config', file)
  expect(renamed.code).toBe(ExitCode.mistake)
  expect(renamed.stderr).toContain('--deliver-again')
  await output(reloadCommand, ['--config', file, '--deliver-again'])
  expect(running.instance.pipelines.map(({ name }) => name)).toEqual(['a', 'c'])

  await running.stop()
  const none = await ended(reloadCommand, '--config', file)
  expect(none.code).toBe(ExitCode.notRunning)
  expect(none.stderr).toContain(`${place.path('state')}: no instance of msgtrk is running`)
})

describe.skipIf(process.platform === 'win32').concurrent('SIGHUP', () => {
  async function started(onTestFinished: TestContext['onTestFinished'], through: readonly string[] = []) {
    const place = await Workplace.open(onTestFinished)
    const [one, other] = [await place.collect(), await place.collect()]
    await place.fixture('exchange-2016.log', log)
    const expected = await place.expectedFrames('EX01')
    const named = (name: string, to: string) => ({ name, to })
    const file = await place.write('msgtrk.yaml', config([named('a', one.url)], 'log: { file: own.log }'))
    const both = config([named('a', one.url), named('b', other.url)], 'log: { file: own.log }')
    const program = place.startWith({ through }, 'run', '--config', file)
    await one.has(distinct(expected))
    return { place, program, one, other, expected, both }
  }

  test('reloads a service, which says what is in force and who asked', async ({ onTestFinished }) => {
    const { place, program, one, other, expected, both } = await started(onTestFinished)
    const { sha256, config: file } = await program.logged('Started')
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(file).toBe(place.path('msgtrk.yaml'))
    await place.write('msgtrk.yaml', both)
    program.child.kill('SIGHUP')
    expect(await program.logged('Reloaded')).toMatchObject({
      by: 'SIGHUP',
      changed: ['destinations.b'],
      started: ['b'],
      sha256: createHash('sha256').update(both).digest('hex'),
    })
    await other.has(distinct(expected))
    await place.write('msgtrk.yaml', both.replace('name: b', 'colour: red, name: b'))
    program.child.kill('SIGHUP')
    expect(await program.logged('Not reloaded')).toMatchObject({
      level: 'error',
      by: 'SIGHUP',
      where: expect.stringMatching(/msgtrk.yaml:6 destinations.1.colour/),
    })
    await place.write('msgtrk.yaml', both.replace('own.log', 'other.log'))
    program.child.kill('SIGHUP')
    await program.until('the last reload', () => reloads(program) === 2)
    expect((await program.stop('SIGTERM')).code).toBe(0)
    expect(await readFile(place.path('own.log'), 'utf8')).not.toContain('"Stopped"')
    expect(await readFile(place.path('other.log'), 'utf8')).toContain('"Stopped"')
    for (const { frames } of [one, other]) expect(judge(frames, expected)).toEqual(allThereInOrder)
  })

  test.skipIf(!existsSync('/usr/bin/script'))(
    'stops gracefully on a terminal',
    async ({ onTestFinished }) => {
      const { place, program } = await started(onTestFinished, [
        'sh',
        '-c',
        'exec script -qfec "$*" /dev/null',
        'sh',
      ])
      const owner = await readOwner(lockPath(place.path('state'), 1))
      process.kill(owner === null || owner === 'removed' ? Number.NaN : owner.pid, 'SIGHUP')
      expect((await program.ended).code).toBe(0)
      expect(await readFile(place.path('own.log'), 'utf8')).toContain('"Stopped"')
    },
  )
})

function reloads(program: Program): number {
  return program.log.filter(({ message }) => message === 'Reloaded').length
}
