/** Figures beside those of throughput → lines of the table, each held against its target. */
import type { Idle } from './idle.ts'
import type { Latency } from './latency.ts'
import { median } from './measure.ts'
import type { Memory } from './memory.ts'
import type { Lookers, Seen } from './see.ts'
import type { Start } from './start.ts'
import { figure, type Row } from './table.ts'

/** What memory may vary by, from the first half to the second, and count as flat. */
const flatness = 1.2

export function memoryRow({ backlogGb, peakMb, halvesMb }: Memory): Row {
  return {
    what: `peak memory, backlog of ${figure(backlogGb)} GB, destination stalled for 5 s`,
    target: '≤ 120 MB, flat',
    measured: `${figure(peakMb)} MB (first half ${figure(halvesMb[0])}, second ${figure(halvesMb[1])})`,
    ratio: figure(peakMb / 120),
    met: peakMb <= 120 && halvesMb[1] <= halvesMb[0] * flatness,
  }
}

/** Of a run to so many destinations. */
export function destinationsMemoryRow(destinations: number, peakMb: number, mostMb: number): Row {
  return {
    what: `peak memory, ${destinations} destinations`,
    target: `≤ ${mostMb} MB`,
    measured: `${figure(peakMb)} MB`,
    ratio: figure(peakMb / mostMb),
    met: peakMb <= mostMb,
  }
}

/** Of several starts. */
export function startRows(starts: readonly Start[]): readonly Row[] {
  const row = (what: string, ms: number, most: number): Row => ({
    what,
    target: `≤ ${most} ms`,
    measured: `${figure(ms)} ms`,
    ratio: figure(ms / most),
    met: ms <= most,
  })
  return [
    row('run, start to first event delivered', median(starts.map(({ wallMs }) => wallMs)), 400),
    row('run, start to first event delivered, CPU', median(starts.map(({ cpuMs }) => cpuMs)), 200),
  ]
}

export function latencyRow(
  { rows, p50Ms, p99Ms, maxMs }: Latency,
  sources: number,
  most: { readonly p50Ms: number; readonly p99Ms: number },
): Row {
  return {
    what: `written line to receiver, ${sourcesWith1000(sources)} (${figure(rows)} rows): p50 / p99`,
    target: `≤ ${most.p50Ms} / ${most.p99Ms} ms`,
    measured: `${figure(p50Ms)} / ${figure(p99Ms)} ms (most ${figure(maxMs)})`,
    ratio: `${figure(p50Ms / most.p50Ms)} / ${figure(p99Ms / most.p99Ms)}`,
    met: p50Ms <= most.p50Ms && p99Ms <= most.p99Ms,
  }
}

/** `most`: a share of one processor, 0–1; null where there is no target. */
export function followingRow({ cpu }: Latency, sources: number, most: number | null): Row {
  return shareRow(`CPU, ${sourcesWith1000(sources)}`, cpu, most, '')
}

/** `most`: as above. */
export function idleRow({ logs, folders, cpu, memoryMb }: Idle, most: number | null): Row {
  const memory = ` (memory ${figure(memoryMb[0])} → ${figure(memoryMb[1])} MB)`
  return shareRow(
    `idle, ${figure(logs)} logs in ${folders.toLocaleString('en-US')} folders`,
    cpu,
    most,
    memory,
  )
}

/** `mostMb`: of the resident set. */
export function idleMemoryRow({ folders, memoryMb }: Idle, mostMb: number): Row {
  const memory = Math.max(...memoryMb)
  return {
    what: `memory, idle, ${folders.toLocaleString('en-US')} folders`,
    target: `≤ ${mostMb} MB`,
    measured: `${figure(memory)} MB`,
    ratio: figure(memory / mostMb),
    met: memory <= mostMb,
  }
}

function sourcesWith1000(sources: number): string {
  return sources === 1 ? '1,000 rows/s' : `${sources} × 1,000 rows/s`
}

function shareRow(what: string, share: number, most: number | null, more: string): Row {
  return {
    what,
    target: most === null ? '' : `≤ ${+(most * 100).toFixed(1)} % of a core`,
    measured: `${figure(share * 100)} %${more}`,
    ratio: most === null ? '' : figure(share / most),
    met: most === null ? null : share <= most,
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
