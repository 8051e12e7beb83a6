/** What the cases of throughput say, as lines of the table, each held against its target. */
import type { CaseName, Sample } from './cases.ts'
import { median } from './measure.ts'
import { peerNames } from './peers/peer.ts'
import { figure, type Row } from './table.ts'

/** All runs of each case. */
export type Samples = ReadonlyMap<CaseName, readonly Sample[]>

/** One value for each turn. */
type Turns = readonly number[]

/** `most` and `least` hold the ratio; without both it is only told. */
interface Target {
  readonly most?: number
  readonly least?: number
}

/** Cases that could not be run are left out. */
export function throughputRows(samples: Samples): readonly Row[] {
  const turns = (name: CaseName, value: (sample: Sample) => number): Turns =>
    (samples.get(name) ?? []).map(value)
  /** CPU of one row read, in µs: of the whole run, and of one more row. */
  const cpu = (name: CaseName) => turns(name, ({ cpuMs, rows }) => (cpuMs * 1000) / rows)
  const marginal = (name: CaseName, fewer: CaseName): Turns =>
    (samples.get(name) ?? []).flatMap((more, run) => {
      const less = samples.get(fewer)?.[run]
      return less === undefined ? [] : [((more.cpuMs - less.cpuMs) * 1000) / (more.rows - less.rows)]
    })
  const speed = (name: CaseName) => turns(name, ({ wallMs, rows }) => (rows / wallMs) * 1000)
  const percent = (name: CaseName) =>
    `${(median(turns(name, ({ rows, events }) => events / rows)) * 100).toFixed(0)} %`
  const rows: Row[] = []

  /** In the middle of the ratios within each turn, so that a busy time, which all share, counts less. */
  const compare = (what: string, mine: Turns, theirs: Turns, { most, least }: Target, unit = ' µs') => {
    if (mine.length === 0 || theirs.length === 0) return
    const ratio = median(mine.map((value, run) => value / (theirs[run] ?? Number.NaN)))
    rows.push({
      what,
      target: most !== undefined ? `≤ ${most} times` : least !== undefined ? `≥ ${least} times` : '',
      measured: `${figure(median(mine))}${unit} against ${figure(median(theirs))}${unit}`,
      ratio: figure(ratio),
      met: most !== undefined ? ratio <= most : least !== undefined ? ratio >= least : null,
    })
  }
  const rate = (what: string, name: CaseName, target: number | null = null) => {
    if (!samples.has(name)) return
    const found = median(speed(name))
    rows.push({
      what,
      target: target === null ? '' : `≥ ${figure(target)}/s`,
      measured: `${figure(found)}/s`,
      ratio: target === null ? '' : figure(found / target),
      met: target === null ? null : found >= target,
    })
  }

  const run = cpu('run, confirm: close')
  const oneMoreOfRun = marginal('run, confirm: close', 'run, fewer logs')
  const oneMoreOfConvert = marginal('convert', 'convert, fewer logs')
  const oneMoreOfModern = marginal('convert, exchange-modern', 'convert, exchange-modern, fewer logs')
  compare('CPU per event, run, one more, against C with SIMD', oneMoreOfRun, cpu('SIMD limit over TCP'), {
    most: 1.6,
  })
  compare('CPU per event, run, one more, against C', oneMoreOfRun, cpu('limit over TCP'), { most: 1.2 })
  compare(
    'CPU per event, convert, one more, against C with SIMD',
    oneMoreOfConvert,
    cpu('SIMD limit to standard output'),
    { most: 1.5 },
  )
  compare(
    'CPU per event, convert, one more, exchange-modern against exchange-2013',
    oneMoreOfModern,
    oneMoreOfConvert,
    { most: 1.6 },
  )
  compare('CPU per event, run, against C with SIMD', run, cpu('SIMD limit over TCP'), {})
  compare('CPU per event, run, against C', run, cpu('limit over TCP'), { most: 3 })
  compare(
    'CPU per event, convert, against C with SIMD',
    cpu('convert'),
    cpu('SIMD limit to standard output'),
    {},
  )
  compare('CPU per event, convert, against C', cpu('convert'), cpu('limit to standard output'), { most: 3 })
  compare('CPU per event, run, TLS against TCP', cpu('run over TLS'), run, { most: 1.25 })
  const all = ({ cpuMs }: Sample) => cpuMs
  compare(
    'CPU, two destinations with the same events against one',
    turns('run, two destinations', all),
    turns('run, confirm: close', all),
    { most: 1.35 },
    ' ms',
  )
  for (const peer of peerNames) {
    const target = peer === 'syslog-ng' ? { least: 10 } : {}
    compare(`CPU per event, ${peer} against run`, cpu(peer), run, target)
  }
  rate('events, run on one core, confirm: close', 'run, confirm: close', 250_000)
  rate('events, run on one core, confirm: write', 'run, confirm: write')
  rate(`rows, run with SEND and RECEIVE (${percent('run, SEND and RECEIVE')} pass)`, 'run, SEND and RECEIVE')
  rate(`rows, run with RECEIVE (${percent('run, RECEIVE')} pass)`, 'run, RECEIVE', 600_000)
  rate('events, convert on one core', 'convert')
  compare(
    'events, convert --jobs 2 against convert on one core',
    speed('convert --jobs 2'),
    speed('convert'),
    { least: 1.85 },
    '/s',
  )
  rate('events, C over TCP', 'limit over TCP')
  for (const peer of peerNames) rate(`events, ${peer}`, peer)
  const start = median(turns('convert of one row', all))
  rows.push({
    what: 'CPU of starting, convert of one row',
    target: '≤ 200 ms',
    measured: `${figure(start)} ms`,
    ratio: figure(start / 200),
    met: start <= 200,
  })
  return rows
}
