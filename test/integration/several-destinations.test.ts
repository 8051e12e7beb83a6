/** Several destinations at once, one of which is well: the others must not slow it, stop it or grow. */
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, type TestContext, test, vi } from 'vitest'
import { createCheckpoint } from '../../src/checkpoint/store.ts'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { freePort } from '../support/free-port.ts'
import { Workplace } from '../support/program.ts'
import { isThorough } from '../support/runs.ts'
import { Changes } from '../support/until.ts'

const timeout = 180_000

/** A receiver that reads nothing unless `take` does; closed by the test or after it. */
async function listen(
  onTestFinished: TestContext['onTestFinished'],
  take: (socket: Socket) => void = () => {},
) {
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    take(socket)
  })
  server.listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    if (!server.listening) return
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  onTestFinished(close)
  return { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** An address at which nothing listens. */
async function deadUrl(place: Workplace): Promise<string> {
  const receiver = await place.collect()
  await receiver.close()
  return receiver.url
}

/** The frames of each file whose event is one of `events`. */
function only(
  expected: ReadonlyMap<string, readonly string[]>,
  events: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const wanted = (frame: string) => events.includes(frame.split('|')[4] ?? '')
  return new Map([...expected].map(([file, frames]) => [file, frames.filter(wanted)]))
}

/** Bytes of the logs that are settled for a destination, as its own checkpoint says. */
async function settledBytes(place: Workplace, destination: string): Promise<number> {
  const positions = await createCheckpoint(place.path('state', destination, 'positions.json')).load()
  return [...positions.values()].reduce((sum, { offset }) => sum + offset, 0)
}

function logBytes(place: Workplace): number {
  return readdirSync(place.path('EX01')).reduce(
    (sum, name) => sum + statSync(place.path('EX01', name)).size,
    0,
  )
}

test.concurrent('each gets its own events at its own pace, and goes on at its own place after a restart', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const alive = await place.collect()
  const slow = await place.collect()
  const dead = await deadUrl(place)
  const stalled = await listen(onTestFinished)
  // The stalled one confirms late, so that what fits into the buffers of the kernel does not count.
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: alive, to: '${alive.url}', confirm: time, confirmAfterMs: 100, maxMessageBytes: 1048576, events: [RECEIVE, SEND] }
  - { name: slow, to: '${slow.url}', confirm: time, confirmAfterMs: 100, maxMessageBytes: 1048576, maxEventsPerSecond: 100 }
  - { name: dead, to: '${dead}', maxMessageBytes: 1048576, events: [DELIVER] }
  - { name: stalled, to: '${stalled.url}', confirm: time, confirmAfterMs: 600000, maxMessageBytes: 1048576 }
`,
  )
  await place.simulate('EX01', 10_000)
  // Of the slow one, too, something is settled soon.
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2020010100-1.LOG')
  const first = await place.expectedFrames('EX01')
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await alive.has(distinct(only(first, ['RECEIVE', 'SEND'])))

  // What comes now is on its way as promptly, while the backlog of the others waits in the logs.
  await place.simulate('EX01', 500, { rate: 500 })
  const expected = await place.expectedFrames('EX01')
  await alive.has(distinct(only(expected, ['RECEIVE', 'SEND'])))
  expect(slow.frames.length).toBeLessThan(distinct(expected) / 2)
  // Rows that are not for it follow its last event, and are settled as well.
  await vi.waitFor(async () => expect(await settledBytes(place, 'alive')).toBe(logBytes(place)), timeout)
  await vi.waitFor(async () => expect(await settledBytes(place, 'slow')).toBeGreaterThan(0), timeout)
  expect(await program.stop()).toMatchObject({ code: 4 })

  expect(judge(alive.frames, only(expected, ['RECEIVE', 'SEND']))).toEqual(allThereInOrder)
  expect(await settledBytes(place, 'alive')).toBe(logBytes(place))
  expect(await settledBytes(place, 'slow')).toBeLessThan(logBytes(place) / 2)
  // Chunks that hold nothing for it are settled all the same, up to the first that does.
  expect(await settledBytes(place, 'dead')).toBeLessThan(logBytes(place) / 2)
  expect(await settledBytes(place, 'stalled')).toBe(0)
  const down = program.log.filter(({ message }) => message.startsWith('Destination unavailable'))
  expect(down).toMatchObject([{ destination: 'dead', to: dead, level: 'warn' }])
  const ends = program.log.filter(({ message }) => message === 'Stopped')
  expect(ends.map(({ destination }) => destination)).toEqual(['alive', 'slow', 'dead', 'stalled'])
  // What takes nothing is read for no further than may be on its way.
  for (const { read } of ends.slice(2)) expect(Number(read)).toBeLessThan(10_500 / 2)
  for (const { read, delivered, filtered, malformed, rejected, inFlight } of ends) {
    expect(read).toBe(
      [delivered, filtered, malformed, rejected, inFlight].reduce<number>((a, b) => a + Number(b), 0),
    )
  }

  await stalled.close()
  const risen = await place.collect({ listen: dead })
  const awake = await place.collect({ listen: stalled.url })
  const before = { alive: alive.frames.length, slow: slow.frames.length }
  const settings = readFileSync(place.path('msgtrk.yaml'), 'utf8')
  await place.write('msgtrk.yaml', settings.replace(', maxEventsPerSecond: 100', ''))
  place.start('run', '--config', 'msgtrk.yaml')
  await risen.has(distinct(only(expected, ['DELIVER'])))
  await awake.has(distinct(expected))
  await slow.has(distinct(expected))
  expect(judge(risen.frames, only(expected, ['DELIVER']))).toEqual(allThereInOrder)
  expect(judge(awake.frames, expected)).toEqual(allThereInOrder)
  const { repeated, ...verdict } = judge(slow.frames, expected)
  expect({ ...verdict, repeated: 0 }).toEqual(allThereInOrder)
  // It began where it had stopped, not at the beginning: at most the batch that was under way comes again.
  expect(repeated).toBeLessThan(before.slow)
  expect(alive.frames).toHaveLength(before.alive)
})

// How far they are read stands above.
test
  .runIf(process.platform === 'linux' && isThorough)
  .concurrent('those that take nothing need no memory', async ({ onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const rows = 80_000
    let taken = 0
    const changes = new Changes()
    const alive = await listen(onTestFinished, (socket) => {
      socket.on('data', (chunk) => {
        for (const byte of chunk) if (byte === 10) taken++
        changes.happened()
      })
      socket.resume()
    })
    const stalled = await listen(onTestFinished)
    await place.write(
      'msgtrk.yaml',
      `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: alive, to: '${alive.url}' }
  - { name: dead, to: '${await deadUrl(place)}' }
  - { name: stalled, to: '${stalled.url}' }
`,
    )
    await place.simulate('EX01', rows)
    const program = place.start('run', '--config', 'msgtrk.yaml')
    const residentBytes = (): number => {
      const [, kilobytes] =
        /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${program.pid}/status`, 'latin1')) ?? []
      return Number(kilobytes) * 1024
    }
    const reached = async (count: number): Promise<number> => {
      await changes.until(
        () => `${count} events, there are ${taken}`,
        () => taken >= count,
      )
      return residentBytes()
    }
    const early = await reached(rows / 4)
    const late = await reached(rows)
    // Were it kept for those two, three quarters of the logs would be in memory by now, twice.
    expect(late - early).toBeLessThan(logBytes(place) / 2)
  })

test.concurrent('many of them, and many that stand in for one, are nothing that Node has to warn of', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const alive = await place.collect()
  const dead = await deadUrl(place)
  const many = Array.from({ length: 12 }, (_, index) => `  - { name: d${index}, to: '${alive.url}' }`)
  const standIns = Array.from({ length: 12 }, (_, index) => `'tcp://127.0.0.${index + 2}:1'`)
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: EX01, pattern: '*.log' }]
destinations:
${many.join('\n')}
  - { name: last, to: '${dead}', failover: [${standIns.join(', ')}, '${alive.url}'], failback: { everyMs: 100 } }
`,
  )
  await place.fixture('exchange-2019.log', 'EX01/exchange-2019.log')
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await alive.until('it came 13 times', () => alive.frames.length >= 13 * new Set(alive.frames).size)
  await program.until('the last has been probed for', () => program.stderr.includes('Failing over'))
  await program.stop()
  expect(program.stderr).not.toMatch(/Warning/)
})
