/** Rows as a version of Exchange writes them, stamped with time and number; pure, without clock or files. */
import { type ExchangeLayout, type ExchangeVersion, layouts } from './layouts.ts'
import { Random } from './random.ts'
import { column, type PlannedRow } from './scene.ts'
import { iso } from './texts.ts'
import { Traffic, type TrafficOptions } from './traffic.ts'

/** One record: `values` are the fields in the order of the layout's columns, before any quoting. */
export interface Row {
  readonly timeMs: number
  /** File name prefix of the log it belongs to. */
  readonly prefix: string
  readonly values: readonly string[]
}

/** When simulated time begins. */
const simulatedStartMs = Date.UTC(2026, 10, 20, 14)

/** Rows per second of simulated time, unless told otherwise: some thirty thousand in an hour. */
const usualRowsPerSecond = 9

/**
 * All rows of a server, without end: the same seed, version, server and pace give the same rows. Times are
 * unique and increase from row to row over all prefixes, so `date-time` tells every row from every other.
 */
export function* rowsOf(
  seed: number,
  version: ExchangeVersion,
  { server = 'EX01', rowsPerSecond = usualRowsPerSecond }: Partial<TrafficOptions> = {},
): Generator<Row, never> {
  const stamp = stamper(layouts[version], new Random(`${seed} ${server} log ids`))
  const traffic = new Traffic({ seed, server, rowsPerSecond, startMs: simulatedStartMs })
  let lastMs = 0
  for (;;) {
    const planned = traffic.next()
    const row = stamp(planned, Math.max(Math.floor(planned.timeMs), lastMs + 1))
    if (row === null) continue
    lastMs = row.timeMs
    yield row
  }
}

/** Makes rows of planned ones, `random` is for their ids; null for an event that the version of Exchange does not have. */
export function stamper(
  layout: ExchangeLayout,
  random: Random,
): (planned: PlannedRow, timeMs: number) => Row | null {
  const places = layout.columns.map((name) => column[name])
  const [eventPlace, logIdPlace, versionPlace] = [
    layout.columns.indexOf('event-id'),
    layout.columns.indexOf('log-id'),
    layout.columns.indexOf('schema-version'),
  ]
  let count = 0
  return (planned, timeMs) => {
    const eventId = layout.eventId(planned.values[column['event-id']] as string)
    if (eventId === null) return null
    const values = new Array<string>(places.length)
    for (let i = 0; i < places.length; i++) values[i] = planned.values[places[i] as number] as string
    values[0] = iso(timeMs)
    values[eventPlace] = eventId
    if (logIdPlace >= 0) values[logIdPlace] = logId(random, count++)
    if (versionPlace >= 0) values[versionPlace] = layout.version
    return { timeMs, prefix: layout.prefixes[planned.role], values }
  }
}

/** A GUID whose last eight digits count the rows; real ones end in a clock and increase as well. */
function logId(random: Random, count: number): string {
  return `${random.guid().slice(0, 24)}08de${count.toString(16).padStart(8, '0')}`
}
