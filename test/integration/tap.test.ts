/** Live events of an instance, for who looks on. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { tapCommand } from '../../src/cli/commands/tap.ts'
import { findAddress } from '../../src/control/address.ts'
import { ask } from '../../src/control/client.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { problemsOf } from '../support/command.ts'
import { configFor, RunningInstance } from '../support/instance.ts'
import { Workplace } from '../support/program.ts'

const timeout = 180_000
const log = 'EX01/MSGTRK2026112014-1.LOG'

/** Somebody who looks on; resolves when the instance knows. */
async function lookOn(running: RunningInstance, place: Workplace, args: readonly string[], columns?: number) {
  const before = running.said('info Somebody looks on').length
  const stop = new AbortController()
  const seen = { out: '', err: '', lines: () => seen.out.split('\n').slice(0, -1) }
  const writer = (to: 'out' | 'err') => ({
    ...(columns !== undefined && { columns }),
    write(text: string) {
      seen[to] += text
    },
  })
  const ended = tapCommand({ stop: stop.signal, stdout: writer('out'), stderr: writer('err') })
    .parseAsync([...args, '--state', place.path('state')], { from: 'user' })
    .then(() => {
      const { exitCode } = process
      process.exitCode = undefined
      return exitCode
    })
  ended.catch(() => undefined)
  await Promise.race([
    vi.waitFor(() => expect(running.said('info Somebody looks on').length).toBe(before + 1), timeout),
    ended.catch(() => undefined),
  ])
  return { ...seen, seen, ended, stop: () => stop.abort() }
}

/** An instance whose log is there, and empty: what is written to it is read sooner than a new one would be. */
async function started(more = 'maxMessageBytes: 1048576', empty = log) {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.write(empty, '')
  // Nothing is waited for at the end; how what was shown is confirmed is of no account here.
  const destination = `{ name: siem, to: '${siem.url}', confirm: write, ${more} }`
  const config = `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [${destination}]\n`
  const running = await RunningInstance.start(place, onTestFinished, config)
  return { place, siem, running }
}

test('shows what the receiver gets, to the byte, and nothing before', async () => {
  const { place, siem, running } = await started()
  const { seen, ended, stop } = await lookOn(running, place, [])
  await place.fixture('exchange-2016.log', log)
  const count = distinct(await place.expectedFrames('EX01'))
  await siem.has(count)
  const expected = siem.frames.map((frame) =>
    Buffer.from(frame, 'latin1')
      .toString()
      .replace(/^.*?(?=CEF:)/, ''),
  )
  await vi.waitFor(() => expect(seen.lines()).toEqual(expected), timeout)
  stop()
  expect(await ended).toBe(ExitCode.ok)
  expect(seen.err).toBe(`${count} events shown of ${count}, 0 left out\n`)
})

test('one object a line, only those asked for, and so many', async () => {
  const { place, siem, running } = await started()
  const every = await lookOn(running, place, ['--format', 'json', '--destination', 'siem'])
  const some = await lookOn(running, place, [
    ...['--format', 'json', '--events', 'RECEIVE', '--filter', 'suser=*@*', '--limit', '1'],
  ])
  await place.fixture('exchange-2016.log', log)
  await siem.has(distinct(await place.expectedFrames('EX01')))
  expect(await some.ended).toBe(ExitCode.ok)
  expect(some.seen.lines().map((line) => JSON.parse(line))).toMatchObject([
    { destination: 'siem', cef: { eventClassId: 'RECEIVE' } },
  ])
  await vi.waitFor(() => expect(every.seen.lines()).toHaveLength(siem.frames.length), timeout)
  every.stop()
  await every.ended
})

test.each(['pretty', 'json', 'raw'])(
  'what an attacker writes is not obeyed by a terminal: %s',
  async (format) => {
    const { place, siem, running } = await started('unicodeControls: keep')
    const { seen, ended, stop } = await lookOn(running, place, ['--format', format], 80)
    const hostile = 'a\u001b]0;owned\u0007\u001b[2Jb\u009b31mc\u202ed\u2028forged'
    const bytes = await place.fixture('exchange-2016.log', 'made.log')
    await place.write(log, Buffer.from(bytes.toString('utf8').replaceAll('@contoso', `@${hostile}contoso`)))
    await siem.has(1)
    // What CEF lets stand: marks that turn text, and line ends that only some know.
    await vi.waitFor(() => expect(seen.out).toContain('\\u202ed\\u2028'), timeout)
    stop()
    await ended
    expect(seen.out).not.toMatch(/[^\P{Cc}\n]|[\u202e\u2028]/u)
    expect(seen.err).not.toContain('forged')
  },
)

test('values that privacy keeps from the receiver are kept from who looks on', async () => {
  const { place, siem, running } = await started('privacy: { columns: { sender-address: drop } }')
  const { seen, ended, stop } = await lookOn(running, place, ['--format', 'json'])
  await place.fixture('exchange-2016.log', log)
  await siem.has(1)
  await vi.waitFor(() => expect(seen.lines()).toHaveLength(siem.frames.length), timeout)
  stop()
  await ended
  expect(seen.out).not.toContain('"suser"')
})

test('who never reads holds nothing up, and others neither', async () => {
  const { place, siem, running } = await started(undefined, 'EX01/none.txt')
  const socket = connect(await findAddress(place.path('state')))
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET /tap?by=test HTTP/1.1\r\nHost: msgtrk\r\n\r\n')
  await vi.waitFor(() => expect(running.said('info Somebody looks on')).toHaveLength(1), timeout)
  await place.simulate('EX01', 10_000)
  const expected = await place.expectedFrames('EX01')
  await siem.has(distinct(expected))
  expect(judge(siem.frames, expected)).toEqual(allThereInOrder)
})

test('more than can be shown is left out, and told', async () => {
  const { place, siem, running } = await started(undefined, 'EX01/none.txt')
  const { seen, ended } = await lookOn(running, place, [])
  await place.simulate('EX01', 20_000)
  await siem.has(distinct(await place.expectedFrames('EX01')))
  expect(await running.stop()).toBe(ExitCode.ok)
  expect(await ended).toBe(ExitCode.ok)
  expect(seen.err).toContain('msgtrk is being stopped\n')
  const [, shown = '', leftOut = ''] =
    /([\d,]+) events shown of [\d,]+, ([\d,]+) left out\n$/.exec(seen.err) ?? []
  const number = (text: string) => Number(text.replaceAll(',', ''))
  expect(number(shown)).toBe(seen.lines().length)
  expect(number(leftOut)).toBeGreaterThan(0)
  expect(number(shown) + number(leftOut)).toBe(siem.frames.length)
})

test('a destination that is dead is told to be; one that is no more ends it; five are too many', async () => {
  const place = await Workplace.open(onTestFinished)
  await place.fixture('exchange-2016.log', log)
  const siem = ['siem', (await place.collect()).url] as const
  const running = await RunningInstance.start(
    place,
    onTestFinished,
    configFor(siem, ['dead', 'tcp://127.0.0.1:9']),
  )
  expect(await problemsOf((await lookOn(running, place, ['--destination', 'daed'])).ended)).toContain(
    'did you mean dead? there are: siem, dead',
  )
  const state = place.path('state')
  await vi.waitFor(async () => {
    const status = await ask({ state, method: 'GET', path: '/status' })
    expect(status).toMatchObject({ destinations: [{}, { state: 'unavailable' }] })
  }, timeout)
  const dead = await lookOn(running, place, ['--destination', 'dead', '--limit', '1000'])
  const others = [
    await lookOn(running, place, []),
    await lookOn(running, place, []),
    await lookOn(running, place, []),
  ]
  expect(await problemsOf((await lookOn(running, place, [])).ended)).toContain('4 look on already')
  await running.reload(configFor(siem))
  expect(await dead.ended).toBe(ExitCode.failed)
  expect(dead.seen.err).toMatch(
    /^dead is unavailable \(.*\): what is shown for it is tried, and does not arrive\n/,
  )
  expect(dead.seen.err).toContain('dead is no destination any more\n')
  for (const each of others) {
    each.stop()
    await each.ended
  }
})

test('tells when its destination is unavailable, paused, and goes on', async () => {
  const { place, siem, running } = await started()
  const { seen, stop, ended } = await lookOn(running, place, [])
  const says = (text: string) => vi.waitFor(() => expect(seen.err).toContain(text), timeout)
  await siem.close()
  await place.fixture('exchange-2016.log', log)
  await says('siem is unavailable (')
  const state = place.path('state')
  const change = (path: '/pause' | '/resume') =>
    ask({ state, method: 'POST', path, body: { destination: 'siem', by: 'a test' } })
  await change('/pause')
  await says('siem is paused: nothing goes there\n')
  await change('/resume')
  await says('siem goes on\n')
  stop()
  expect(await ended).toBe(ExitCode.ok)
})

test.each([
  ['raw', 'raw', /^2026-11-20T14:00:0/],
  ['raw', 'json', /^\{"destination":"siem","row":"2026-11-20T14:00:0/],
  ['json', 'json', /^\{"destination":"siem","syslog":null,"cef":\{/],
])(
  'with format: %s as %s it shows what goes out, and nothing is called a mistake',
  async (format, as, first) => {
    const { place, running } = await started(`format: ${format}`)
    const { seen, ended, stop } = await lookOn(running, place, ['--format', as])
    await place.fixture('exchange-2016.log', log)
    await vi.waitFor(() => expect(seen.lines()).toHaveLength(5), timeout)
    stop()
    await ended
    for (const line of seen.lines()) expect(line).toMatch(first)
    expect(seen.err).not.toContain('no correct')
  },
)
