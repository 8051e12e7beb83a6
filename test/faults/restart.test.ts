import { readdirSync, readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { rowsIn, Workplace } from '../support/program.ts'
import { isThorough } from '../support/runs.ts'

const rows = isThorough ? 4000 : 2000

test.concurrent('killed again and again, it delivers every row in order, and again only what was not saved', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.write('msgtrk.yaml', config(siem.url))
  const written = place.simulate('EX01', rows, { rate: 1000 })
  let mayRepeat = 0
  const kills = [
    () => siem.has(rows * 0.2),
    () => vi.waitFor(() => expect(savedRows(place)).toBeGreaterThan(0), { timeout: 150_000 }),
    () => siem.has(rows * 0.8),
  ]
  for (const moment of kills) {
    const program = place.start('run', '--config', 'msgtrk.yaml')
    await moment()
    expect((await program.stop('SIGKILL')).signal).toBe('SIGKILL')
    mayRepeat += writtenRows(place) - savedRows(place)
  }
  const last = place.start('run', '--config', 'msgtrk.yaml')
  await written
  const expected = await place.expectedFrames('EX01')
  await siem.has(distinct(expected))
  // The one before may have delivered all of it, and saved less: the last one has to come to it, too.
  await vi.waitFor(() => expect(savedRows(place)).toBe(rows), { timeout: 150_000 })
  // There may have been nothing left for it: before it has started a signal ends it without a code.
  await last.logged('Started')
  expect((await last.stop()).code).toBe(0)

  expect([...expected.values()].flat()).toHaveLength(rows)
  expect(siem.incorrect).toEqual([])
  const verdict = judge(siem.frames, expected)
  expect({ ...verdict, repeated: 0 }).toEqual(allThereInOrder)
  expect(verdict.repeated).toBeLessThanOrEqual(mayRepeat)

  const nothing = await place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(nothing.code).toBe(0)
  expect(nothing.stderr).toContain('"read":0,')
})

test.concurrent('when the receiver resets its connections, no row is missing and none is passed over', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.write('msgtrk.yaml', config(siem.url))
  const written = place.simulate('EX01', rows, { rate: 1000 })
  const program = place.start('run', '--config', 'msgtrk.yaml')
  for (const share of [0.2, 0.4, 0.7]) {
    await siem.has(rows * share)
    siem.breakConnections()
  }
  await written
  const expected = await place.expectedFrames('EX01')
  await siem.has(distinct(expected))
  const { code } = await program.stop()
  expect(code).toBe(0)

  expect([...expected.values()].flat()).toHaveLength(rows)
  expect(siem.incorrect).toEqual([])
  expect({ ...judge(siem.frames, expected), repeated: 0 }).toEqual(allThereInOrder)
  const stopped = await program.logged('Stopped')
  expect(stopped).toMatchObject({ read: rows, delivered: rows, inFlight: 0 })
  expect(stopped.rewinds).toBeGreaterThan(0)
})

/** A short time until a delivery is confirmed, and the largest messages, so that each is as `convert` gives it. */
function config(to: string): string {
  return `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: siem, to: '${to}', confirmAfterMs: 500, maxMessageBytes: 1048576 }
`
}

/** Rows that are written whole by now. */
function writtenRows(place: Workplace): number {
  const names = readdirSync(place.path('EX01'))
  return names.reduce((sum, name) => sum + rowsIn(readFileSync(place.path('EX01', name))), 0)
}

/** Rows that come before the saved positions. */
function savedRows(place: Workplace): number {
  let saved: { positions: { file: string; offset: number }[] }
  try {
    saved = JSON.parse(readFileSync(place.path('state', 'siem', 'positions.json'), 'utf8'))
  } catch {
    return 0
  }
  return saved.positions.reduce((sum, { file, offset }) => {
    const name = file.slice(file.indexOf('/') + 1, file.indexOf('#'))
    return sum + rowsIn(readFileSync(place.path('EX01', name)).subarray(0, offset))
  }, 0)
}
