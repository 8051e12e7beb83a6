/** Destinations that are paused and go on, and another level of the log, by the commands and a running instance. */
import { appendFile, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { logLevelCommand } from '../../src/cli/commands/log-level.ts'
import { pauseCommand, resumeCommand } from '../../src/cli/commands/pause.ts'
import { ask } from '../../src/control/client.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { statusSchema } from '../../src/status/snapshot.ts'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { output, problemsOf } from '../support/command.ts'
import { configFor, RunningInstance } from '../support/instance.ts'
import { Workplace } from '../support/program.ts'
import { isThorough } from '../support/runs.ts'

const timeout = 180_000
const log = 'EX01/MSGTRK2026112014-1.LOG'
const rounds = isThorough ? 8 : 3

test.concurrent('pausing and resuming under load loses nothing, repeats nothing and keeps the order', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const [siem, lab] = [await place.collect(), await place.collect()]
  await place.write('EX01/none.txt', '')
  // For as long as it takes.
  const enough = new AbortController()
  const written = place.simulate('EX01', 1_000_000, { rate: 300, signal: enough.signal })
  const running = await RunningInstance.start(
    place,
    onTestFinished,
    configFor(['siem', siem.url, ', maxEventsPerSecond: 20000'], ['lab', lab.url]),
  )
  const state = ['--state', place.path('state')]
  const { statistics } = running.pipeline('siem')
  let before = 0
  for (let round = 0; round < rounds; round++) {
    await siem.until('another row', () => siem.frames.length > before)
    expect(await output(pauseCommand, ['siem', ...state])).toBe(
      'siem is paused; to go on: msgtrk resume siem\n',
    )
    await vi.waitFor(() => expect(statistics.snapshot().inFlight).toBe(0), timeout)
    before = siem.frames.length
    await delay(20) // nothing is waited for: all the time that there is, nothing may come
    expect(siem.frames.length).toBe(before)
    expect(await output(resumeCommand, ['siem', ...state])).toMatch(/^siem goes on; it was paused since 20/)
  }
  enough.abort()
  await written
  const expected = await place.expectedFrames('EX01')
  const count = distinct(expected)
  await Promise.all([siem.has(count), lab.has(count)])
  expect(await running.stop()).toBe(ExitCode.ok)
  for (const { frames } of [siem, lab]) expect(judge(frames, expected)).toEqual(allThereInOrder)
})

test.concurrent('a pause is seen in the status, outlasts a reload, and ends with the program', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const [siem, lab] = [await place.collect(), await place.collect()]
  await place.fixture('exchange-2016.log', log)
  const expected = await place.expectedFrames('EX01')
  const count = distinct(expected)
  const running = await RunningInstance.start(place, onTestFinished, configFor(['lab', lab.url]))
  const state = ['--state', place.path('state')]
  await lab.has(count)
  expect(await output(resumeCommand, ['lab', ...state])).toBe('lab was not paused\n')
  expect(await problemsOf(output(pauseCommand, ['lba', ...state]))).toBe(
    'lba: is no destination of this instance\n  → did you mean lab? there is: lab',
  )
  await output(pauseCommand, ['lab', ...state])
  expect(await output(pauseCommand, ['lab', ...state])).toMatch(
    /^lab is paused since 20.*, by msgtrk pause \(/,
  )
  expect(running.said('warn Paused:')).toHaveLength(1)
  expect(running.said('warn Paused:')[0]).toMatch(/"by":"msgtrk pause \(.+, process \d+, as it says\)"/)

  await place.fixture('exchange-2016.log', log.replace('-1', '-2'))
  const more = distinct(await place.expectedFrames('EX01'))
  await running.reload(configFor(['siem', siem.url], ['lab', lab.url, ', syslog: { facility: local4 }']))
  await siem.has(more)
  const { gate, statistics } = running.pipeline('lab')
  expect(gate.paused).toMatchObject({ by: expect.stringContaining('msgtrk pause') })
  expect(statistics.snapshot().read).toBe(0)
  const status = await ask({ state: place.path('state'), method: 'GET', path: '/status' })
  expect(status).toMatchObject({
    health: 'degraded',
    findings: expect.arrayContaining([
      expect.objectContaining({ kind: 'destinationPaused', severity: 'trouble', part: 'destination lab' }),
    ]),
    destinations: [
      { name: 'siem', pausedBy: null },
      {
        name: 'lab',
        state: 'paused',
        since: expect.any(String),
        pausedBy: expect.stringContaining('msgtrk pause'),
      },
    ],
  })
  expect(await running.stop()).toBe(ExitCode.ok)
  expect(running.said('warn Stopped while paused')[0]).toContain('"destination":"lab"')

  const again = await RunningInstance.start(place, onTestFinished, configFor(['lab', lab.url]))
  await lab.has(more)
  expect(again.pipeline('lab').gate.paused).toBeNull()
})

test.concurrent('what was steered shows in the status at once, whoever asked for it just before', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const running = await RunningInstance.start(place, onTestFinished, configFor(['siem', siem.url]))
  const state = place.path('state')
  const isPaused = async () => {
    const status = statusSchema.parse(await ask({ state, method: 'GET', path: '/status' }))
    return status.destinations[0]?.pausedBy !== null
  }
  const seen = [await isPaused()]
  await output(pauseCommand, ['siem', '--state', state])
  seen.push(await isPaused())
  await output(resumeCommand, ['siem', '--state', state])
  seen.push(await isPaused())
  expect(seen).toEqual([false, true, false])
  expect(await running.stop()).toBe(ExitCode.ok)
})

test.concurrent('a destination that takes nothing can be paused, and goes on once it is well', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const stalled = await place.collect()
  stalled.stall()
  await place.simulate('EX01', 8000)
  const expected = await place.expectedFrames('EX01')
  const running = await RunningInstance.start(
    place,
    onTestFinished,
    configFor(['dead', 'tcp://127.0.0.1:9'], ['stalled', stalled.url, ', stallTimeoutMs: 600000']),
  )
  const at = place.path('state')
  const { statistics } = running.pipeline('stalled')
  await vi.waitFor(() => expect(statistics.snapshot().inFlight).toBeGreaterThan(0), timeout)
  for (const name of ['dead', 'stalled']) await output(pauseCommand, [name, '--state', at])
  expect(await ask({ state: at, method: 'GET', path: '/status' })).toMatchObject({
    health: 'degraded',
    findings: [
      { kind: 'sourceSilent' },
      { kind: 'destinationPaused', part: 'destination dead' },
      { kind: 'destinationPaused', part: 'destination stalled' },
    ],
    destinations: [{ state: 'paused' }, { state: 'paused' }],
  })
  stalled.goOn()
  await vi.waitFor(() => expect(statistics.snapshot().inFlight).toBe(0), timeout)
  expect(stalled.frames.length).toBeLessThan(distinct(expected))
  await output(resumeCommand, ['stalled', '--state', at])
  await stalled.has(distinct(expected))
  expect(judge(stalled.frames, expected)).toEqual(allThereInOrder)
})

test.concurrent('another level of the log is for a while, and is told at any level', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', log)
  const file = await place.write('msgtrk.yaml', `${configFor(['siem', siem.url])}log: { level: error }\n`)
  const program = place.start('run', '--config', file)
  await siem.has(1)
  const state = ['--state', place.path('state')]
  expect(await output(logLevelCommand, state)).toBe('The level of the own log is error, as configured.\n')
  expect(program.log).toEqual([])
  expect(await output(logLevelCommand, ['debug', '--for', '2h', ...state])).toMatch(
    /^The level of the own log is debug until 20\S+Z \(2 h\), asked for by msgtrk log-level \(/,
  )
  expect(await program.logged('This log has another level for a while')).toMatchObject({
    level: 'info',
    now: 'debug',
    by: expect.stringMatching(/as it says/),
  })
  await output(pauseCommand, ['siem', ...state])
  await program.logged('Paused: nothing is delivered until somebody resumes it')
  expect(await output(logLevelCommand, ['configured', ...state])).toContain('error, as configured')
  await program.logged('This log has the level of the configuration again')
  await output(resumeCommand, ['siem', ...state])
  await problemsOf(output(logLevelCommand, ['configured', '--for', '1m', ...state]))
  await expect(output(logLevelCommand, ['debug', '--for', '25h', ...state])).rejects.toThrow('24h at most')
  expect(await program.stop()).toMatchObject({ code: 0 })
  expect(program.log.filter(({ message }) => message.startsWith('Resumed'))).toEqual([])
})

test.concurrent('the program goes on where all that it delivers to became unavailable and is paused', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const lab = await place.collect()
  await place.simulate('EX01', 50)
  const more = await readFile(place.path(log))
  const program = place.start(
    'run',
    '--config',
    await place.write('msgtrk.yaml', configFor(['lab', lab.url])),
  )
  await lab.has(50)
  await lab.close()
  await appendFile(place.path(log), more)
  await program.logged('Destination unavailable; delivery goes on when it is back')
  const state = ['--state', place.path('state')]
  await output(pauseCommand, ['lab', ...state])
  await program.logged('Paused: nothing is delivered until somebody resumes it')
  await delay(2_000) // nothing is waited for: an end would come in that time
  await output(resumeCommand, ['lab', ...state])
  await program.logged('Resumed: delivery goes on from where it was paused')
  await program.stop()
})

test.concurrent('without a name they tell which they could be about, and change nothing', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const [siem, lab] = [await place.collect(), await place.collect()]
  await place.write(log, '')
  const running = await RunningInstance.start(
    place,
    onTestFinished,
    configFor(['siem', siem.url], ['lab', lab.url]),
  )
  const state = ['--state', place.path('state')]
  const bare = (command: typeof pauseCommand) => problemsOf(output(command, state))
  expect(await bare(pauseCommand)).toBe('destination: is missing\n  → name one of these: siem, lab')
  expect(await bare(resumeCommand)).toBe('destination: is missing\n  → none is paused')
  await output(pauseCommand, ['lab', ...state])
  // What is told of an instance may be a second old.
  await vi.waitFor(
    async () => expect(await bare(resumeCommand)).toBe('destination: is missing\n  → name it: lab'),
    timeout,
  )
  expect(await bare(pauseCommand)).toBe('destination: is missing\n  → name it: siem')
  expect(running.said('warn Paused:')).toHaveLength(1)
})
