/**
 * What it costs to be looked at: an instance delivers a backlog over TCP as fast as it can, and from the moment when a third
 * of it has arrived, so that nothing of the start counts, the processor time of the process and the pace are measured. The
 * cases take turns.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { askEvery, takeAll } from './ask.ts'
import { killChild, startChild } from './children.ts'
import { type Data, repeated } from './data.ts'
import { cpuMsOf } from './measure.ts'
import { msgtrk } from './msgtrk.ts'
import { Sink } from './sink.ts'

/**
 * `nobody`: there is no HTTP. `page`: HTTP with a token, one page on which events are shown, Prometheus. `tap`: that, and
 * `msgtrk tap`. `crowd`: fifty `/metrics` a second and ten such pages.
 */
const lookers = ['nobody', 'page', 'tap', 'crowd'] as const
export type Lookers = (typeof lookers)[number]

/** Of one run. */
export interface Seen {
  /** User and system time of all its threads, for an event. */
  readonly cpuUs: number
  readonly perSecond: number
}

export interface SeeTask {
  readonly data: Data
  /** The built bench/sink.c; null without a compiler. */
  readonly sink: string | null
  readonly events: number
  readonly runs: number
  /** Until when a turn may begin. */
  readonly withinMs: number
  readonly tell: (text: string) => void
}

const token = 'nobody-guesses-this-one-in-a-bench'
const timeoutMs = 120_000
const pageEveryMs = 2_000
const pagePaths = ['/status', '/event-ids', '/events?after=0']
const scrapeEveryMs = 15_000

/** All runs of each case. */
export async function measureSeen(
  temporary: string,
  { data, sink, events, runs, withinMs, tell }: SeeTask,
): Promise<ReadonlyMap<Lookers, readonly Seen[]>> {
  const source = path.join(temporary, 'seen')
  const logs = Math.ceil(events / data.rows)
  await repeated(data.file, source, logs)
  const measured = new Map<Lookers, Seen[]>()
  const endMs = performance.now() + withinMs
  for (let run = 1; run <= runs && performance.now() < endMs; run++) {
    // None is always behind the same one.
    for (const who of run % 2 === 1 ? lookers : lookers.toReversed()) {
      const place = path.join(temporary, `seen-by-${who}-${run}`)
      const seen = await measureOne(who, { place, source, sink, events: logs * data.rows })
      measured.set(who, [...(measured.get(who) ?? []), seen])
      const { cpuUs, perSecond } = seen
      tell(`${run}: ${who}: ${cpuUs.toFixed(3)} µs of CPU an event, ${Math.round(perSecond)} events/s`)
    }
  }
  return measured
}

interface Place extends Pick<SeeTask, 'sink' | 'events'> {
  readonly place: string
  readonly source: string
}

async function measureOne(who: Lookers, { place, source, sink: program, events }: Place): Promise<Seen> {
  await mkdir(place)
  const sink = await Sink.start(program === null ? {} : { program })
  const config = path.join(place, 'msgtrk.json')
  const ownLog = path.join(place, 'own.log')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference, as it is written
  const http = { listen: '127.0.0.1:0', token: '${env:TOKEN}', recentEvents: true }
  await writeFile(
    config,
    JSON.stringify({
      state: path.join(place, 'state'),
      log: { file: ownLog },
      sources: [{ name: 'EX1', folder: source }],
      destinations: [{ name: 'siem', to: `tcp://127.0.0.1:${sink.port}` }],
      ...(who !== 'nobody' && { http }),
    }),
  )
  const { command, args } = msgtrk('run', '--config', config)
  const child = startChild(command, args, { env: { ...process.env, TOKEN: token }, stdio: 'ignore' })
  const ends: (() => void)[] = []
  try {
    const pid = child.pid as number
    if (who !== 'nobody') ends.push(...(await look(who, place, ownLog)))
    await sink.waitFor(events / 3, timeoutMs)
    const before = { cpuMs: cpuMsOf(pid), frames: sink.received.frames, timeMs: sink.lastMs }
    await sink.waitFor(events, timeoutMs)
    const counted = events - before.frames
    return {
      cpuUs: ((cpuMsOf(pid) - before.cpuMs) * 1000) / counted,
      perSecond: (counted * 1000) / (sink.lastMs - before.timeMs),
    }
  } finally {
    for (const end of ends) end()
    await killChild(child)
    await sink.stop()
  }
}

/** Returns what ends it. */
async function look(who: Lookers, place: string, ownLog: string): Promise<readonly (() => void)[]> {
  const http = { at: await portIn(ownLog), token }
  const page = () => askEvery(pageEveryMs, pagePaths, http)
  if (who === 'crowd') return [askEvery(20, ['/metrics'], http), ...Array.from({ length: 10 }, page)]
  const always = [page(), askEvery(scrapeEveryMs, ['/metrics'], http)]
  if (who === 'page') return always
  return [...always, takeAll('/tap?by=bench', { at: path.join(place, 'state', 'control.sock') })]
}

/** The port that the own log tells. */
async function portIn(ownLog: string): Promise<number> {
  for (const endMs = performance.now() + 15_000; performance.now() < endMs; await delay(10)) {
    const text = await readFile(ownLog, 'utf8').catch(() => '')
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? []
    if (port !== undefined) return Number(port)
  }
  throw new Error('it does not listen for HTTP')
}
