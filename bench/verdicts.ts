/** Figures → lines of the table, each held against its target. */
import type { CaseName, Sample } from './cases.ts'
import type { Idle } from './idle.ts'
import type { Latency } from './latency.ts'
import { median } from './measure.ts'
import type { Memory } from './memory.ts'
import type { Lookers, Seen } from './see.ts'
import { figure, type Row } from './table.ts'

/** All runs of each case. */
export type Samples = ReadonlyMap<CaseName, readonly Sample[]>

const thousand = 1000
/** What memory may vary by, from the first half to the second, and count as flat. */
const flatness = 1.2

/** What the cases say. Cases that could not be run are left out. */
export function throughputRows(samples: Samples): readonly Row[] {
  const of = (name: CaseName, value: (sample: Sample) => number): number =>
    median((samples.get(name) ?? []).map(value))
  /** CPU of one row read, in µs, and rows per second. */
  const cpuOf = ({ cpuMs, rows }: Sample) => (cpuMs * thousand) / rows
  const cpu = (name: CaseName) => of(name, cpuOf)
  const speedOf = ({ wallMs, rows }: Sample) => (rows / wallMs) * thousand
  const perSecond = (name: CaseName) => of(name, speedOf)
  const share = (name: CaseName) => of(name, ({ rows, events }) => events / rows)
  const rows: Row[] = []

  /** In the middle of the ratios within each turn, so that a busy time, which all share, counts less. */
  const ratioOf = (mine: CaseName, theirs: CaseName, value: (sample: Sample) => number): number =>
    median(
      (samples.get(mine) ?? []).map((each, run) => value(each) / value(samples.get(theirs)?.[run] as Sample)),
    )

  const compareCpu = (what: string, mine: CaseName, theirs: CaseName, limit: number, isGain: boolean) => {
    if (!samples.has(mine) || !samples.has(theirs)) return
    const ratio = isGain ? ratioOf(theirs, mine, cpuOf) : ratioOf(mine, theirs, cpuOf)
    rows.push({
      what,
      target: isGain ? `≥ ${limit} times less` : `≤ ${limit} times`,
      measured: `${figure(cpu(mine))} µs against ${figure(cpu(theirs))} µs`,
      ratio: figure(ratio),
      met: isGain ? ratio >= limit : ratio <= limit,
    })
  }
  const rate = (what: string, name: CaseName, target: number | null) => {
    if (!samples.has(name)) return
    const found = perSecond(name)
    rows.push({
      what,
      target: target === null ? '' : `≥ ${figure(target)}/s`,
      measured: `${figure(found)}/s`,
      ratio: target === null ? '' : figure(found / target),
      met: target === null ? null : found >= target,
    })
  }
  const speedUp = (what: string, one: CaseName, two: CaseName) => {
    if (!samples.has(one) || !samples.has(two)) return
    const ratio = ratioOf(two, one, speedOf)
    const measured = `${figure(perSecond(two))}/s against ${figure(perSecond(one))}/s`
    rows.push({ what, target: '≥ 1.8 times', measured, ratio: figure(ratio), met: ratio >= 1.8 })
  }
  const percent = (name: CaseName) => `${(share(name) * 100).toFixed(0)} %`

  const all = 'run, confirm: close'
  compareCpu('CPU per event, run, against syslog-ng', all, 'syslog-ng', 10, true)
  compareCpu('CPU per event, run, against C over TCP', all, 'limit over TCP', 3, false)
  compareCpu('CPU per event, convert, against C', 'convert', 'limit to standard output', 3, false)
  compareCpu('CPU per event, run, against C with SIMD over TCP', all, 'SIMD limit over TCP', 3, false)
  compareCpu(
    'CPU per event, convert, against C with SIMD',
    'convert',
    'SIMD limit to standard output',
    3,
    false,
  )
  rate('events, run on one core, confirm: close', all, 250_000)
  rate('events, run on one core, confirm: write', 'run, confirm: write', null)
  rate('events, convert on one core', 'convert', null)
  rate(
    `rows, run with SEND and RECEIVE (${percent('run, SEND and RECEIVE')} pass)`,
    'run, SEND and RECEIVE',
    null,
  )
  rate(`rows, run with RECEIVE (${percent('run, RECEIVE')} pass)`, 'run, RECEIVE', 600_000)
  speedUp('convert --jobs 2 against convert on one core', 'convert', 'convert --jobs 2')
  const both = 'run, two destinations'
  if (samples.has(all) && samples.has(both)) {
    const ratio = ratioOf(both, all, ({ cpuMs }) => cpuMs)
    rows.push({
      what: 'CPU, two destinations with the same events against one',
      target: '≤ 1.35 times',
      measured: `${figure(of(both, ({ cpuMs }) => cpuMs))} ms against ${figure(of(all, ({ cpuMs }) => cpuMs))} ms`,
      ratio: figure(ratio),
      met: ratio <= 1.35,
    })
  }
  compareCpu('CPU per event, TLS against TCP', 'run over TLS', all, 1.6, false)
  const startMs = of('convert of one row', ({ cpuMs }) => cpuMs)
  rows.push({
    what: 'CPU of starting (convert of one row), part of all of the above',
    target: '',
    measured: `${figure(startMs)} ms`,
    ratio: '',
    met: null,
  })
  const beyondStart = of(all, (sample) => ((sample.cpuMs - startMs) * thousand) / sample.rows)
  for (const [what, name] of [
    ['C', 'limit over TCP'],
    ['C with SIMD', 'SIMD limit over TCP'],
  ] as const) {
    if (!samples.has(name)) continue
    rows.push({
      what: `CPU per event, run, without that, against ${what} over TCP`,
      target: '',
      measured: `${figure(beyondStart)} µs`,
      ratio: figure(beyondStart / cpu(name)),
      met: null,
    })
  }
  rate('events, syslog-ng', 'syslog-ng', null)
  rate('events, C over TCP', 'limit over TCP', null)
  return rows
}

export function memoryRow({ backlogGb, peakMb, halvesMb }: Memory): Row {
  return {
    what: `peak memory, backlog of ${figure(backlogGb)} GB, destination stalled for 5 s`,
    target: '≤ 150 MB, flat',
    measured: `${figure(peakMb)} MB (first half ${figure(halvesMb[0])}, second ${figure(halvesMb[1])})`,
    ratio: figure(peakMb / 150),
    met: peakMb <= 150 && halvesMb[1] <= halvesMb[0] * flatness,
  }
}

/** `startsMs`: of several starts, in milliseconds. */
export function startRow(startsMs: readonly number[]): Row {
  const startMs = median(startsMs)
  return {
    what: 'start to first event delivered',
    target: '≤ 400 ms',
    measured: `${figure(startMs)} ms`,
    ratio: figure(startMs / 400),
    met: startMs <= 400,
  }
}

export function latencyRow({ rows, p50Ms, p99Ms, maxMs }: Latency): Row {
  return {
    what: `written line to receiver, 1,000 rows/s (${figure(rows)} rows): p50 / p99`,
    target: '≤ 50 / 200 ms',
    measured: `${figure(p50Ms)} / ${figure(p99Ms)} ms (most ${figure(maxMs)})`,
    ratio: `${figure(p50Ms / 50)} / ${figure(p99Ms / 200)}`,
    met: p50Ms <= 50 && p99Ms <= 200,
  }
}

export function idleRow({ logs, cpu, memoryMb }: Idle): Row {
  return {
    what: `idle, ${figure(logs)} logs in 10 folders`,
    target: '≤ 1 % of a core',
    measured: `${figure(cpu * 100)} % (memory ${figure(memoryMb[0])} → ${figure(memoryMb[1])} MB)`,
    ratio: figure(cpu * 100),
    met: cpu <= 0.01,
  }
}

/** What it costs to be looked at, against an instance that nobody can look at; medians of the ratios within each turn. */
export function seenRows(seen: ReadonlyMap<Lookers, readonly Seen[]>): readonly Row[] {
  const row = (what: string, who: Lookers, of: (seen: Seen) => number, unit: string, limit: number): Row => {
    const [ours, theirs] = [who, 'nobody' as const].map((each) => (seen.get(each) ?? []).map(of))
    const ratio = median((ours ?? []).map((value, run) => value / (theirs?.[run] ?? Number.NaN)))
    return {
      what,
      target: limit > 1 ? `≤ ${limit} times` : `≥ ${limit} times`,
      measured: `${figure(median(ours ?? []))}${unit} against ${figure(median(theirs ?? []))}${unit}`,
      ratio: ratio.toFixed(3),
      met: limit > 1 ? ratio <= limit : ratio >= limit,
    }
  }
  const cpu = ({ cpuUs }: Seen) => cpuUs
  return [
    row('CPU per event, with a page open and Prometheus, against nobody', 'page', cpu, ' µs', 1.02),
    row('CPU per event, with msgtrk tap as well, against nobody', 'tap', cpu, ' µs', 1.02),
    row(
      'events, with 50 /metrics a second and ten pages, against nobody',
      'crowd',
      ({ perSecond }) => perSecond,
      '/s',
      0.95,
    ),
  ]
}
