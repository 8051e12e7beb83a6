import { expect, test } from 'vitest'
import type { TapLine } from '../../../src/app/tap.ts'
import { Taps } from '../../../src/app/taps.ts'
import type { DestinationConfig } from '../../../src/config/schema.ts'
import { Gate } from '../../../src/deliver/gate.ts'
import { Events } from '../../../src/flow/events.ts'
import { MemoryLog } from '../deliver/doubles.ts'
import { batchOf } from './batches.ts'

function pipeline(name: string) {
  const settings = { name, to: 'udp://127.0.0.1:9' } as DestinationConfig
  return { name, settings, events: new Events(), gate: new Gate() }
}

const refused = { reason: 'refused', sinceMs: 0, firstReason: 'refused', changes: 0 }

/** Some taps, and what a new one is told up to now. */
function tapsOf(...pipelines: readonly ReturnType<typeof pipeline>[]) {
  const stop = new AbortController()
  const taps = new Taps({ pipelines: () => pipelines, stop: stop.signal, log: new MemoryLog() })
  for (const each of pipelines) taps.begins(each)
  const open = (destination?: string) => {
    const tap = taps.open({ by: 'a test', destination }, new AbortController().signal)
    return async () => {
      tap.end('over')
      const lines: TapLine[] = []
      for await (const line of tap.lines(new AbortController().signal)) lines.push(line)
      return lines.slice(0, -1)
    }
  }
  return { taps, open }
}

test('who begins to look on is told what is unavailable and paused, in time and before any event', async () => {
  const [siem, lake, other] = [pipeline('siem'), pipeline('lake'), pipeline('other')]
  const { open } = tapsOf(siem, lake, other)
  siem.events.unavailable(refused)
  other.events.unavailable(refused)
  other.events.available(refused)
  lake.gate.close('a test')
  const told = open()
  siem.events.sending(batchOf('one'))
  expect(await told()).toEqual([
    { destination: 'siem', unavailable: 'refused' },
    { destination: 'lake', isPaused: true },
    { destination: 'siem', frame: 'one' },
  ])
})

test('what changes before it is read is told as it is then', async () => {
  const siem = pipeline('siem')
  const { open } = tapsOf(siem)
  siem.events.unavailable(refused)
  const told = open()
  siem.events.available(refused)
  siem.gate.close('a test')
  expect(await told()).toEqual([
    { destination: 'siem', unavailable: null },
    { destination: 'siem', isPaused: true },
  ])
})

test('of a destination that begins anew nobody claims that it is unavailable', async () => {
  const [siem, lake] = [pipeline('siem'), pipeline('lake')]
  const { taps, open } = tapsOf(siem, lake)
  siem.events.unavailable(refused)
  const [all, onlyLake] = [open(), open('lake')]
  taps.begins(pipeline('siem'))
  expect(await all()).toEqual([{ destination: 'siem', isAnew: true }])
  expect(await onlyLake()).toEqual([])
  expect(await open('siem')()).toEqual([])
})
