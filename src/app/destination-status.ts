/** The status of one destination: its counts, its receivers, and what it is behind with. */
import type { SourceConfig } from '../config/schema.ts'
import { isFolder } from '../sources/options.ts'
import type { DestinationFacts } from '../status/judge-destination.ts'
import type { FileNotRead } from '../status/judge-source.ts'
import { type PipelineWatch, past } from '../status/pipeline-watch.ts'
import type { Counters, Rates } from '../status/rates.ts'
import type { Backlog, DestinationStatus } from '../status/snapshot.ts'
import type { FolderLook } from '../tail/folder/folder-look.ts'
import {
  backlogOf,
  beginningOf,
  idsByName,
  SettledBytes,
  type SourceBacklog,
  unknownBacklog,
} from './backlog.ts'
import { filteredBy } from './filtered-by.ts'
import type { PipelineView } from './running-pipeline.ts'

const minuteMs = 60_000
const longMs = 15 * minuteMs

/** A pipeline, and what was seen of it. */
export interface ObservedPipeline {
  readonly view: PipelineView
  readonly watch: PipelineWatch
  readonly rates: Rates
}

/** What it is compared with. */
export interface Surroundings {
  readonly sources: readonly { readonly source: SourceConfig; readonly look: FolderLook | null }[]
  /** How long Exchange keeps the logs of a source, in seconds; undefined where nobody knows. */
  readonly keeps: ReadonlyMap<string, number | undefined>
  readonly nowMs: number
}

/** The status, what it is judged by, and what it says of its sources. */
export interface DestinationReport {
  readonly status: DestinationStatus
  readonly facts: DestinationFacts
  readonly sources: ReadonlyMap<string, ReportOnSource>
}

/** What a pipeline says of a source. */
export interface ReportOnSource {
  readonly filesNotRead: number
  readonly firstNotRead: FileNotRead | null
  readonly rowsPerSecond: number
  readonly backlogBytes: number
}

/** All counters of which rates are told. */
export function countersOf(
  { statistics, positions, mails }: PipelineView,
  sources: readonly SourceConfig[],
): Counters {
  const { read, delivered, sentBytes, rejected } = statistics.snapshot()
  const rows = sources.map(({ name }) => [`rows of ${name}`, statistics.readOf(name)] as const)
  let settledBytes = 0
  for (const { offset } of positions.values()) settledBytes += offset
  return {
    read,
    delivered,
    sentBytes,
    rejected,
    settledBytes,
    closedEarly: mails?.closed.full ?? 0,
    ...Object.fromEntries(rows),
  }
}

/** Puts it together. */
export async function destinationStatus(
  { view, watch, rates }: ObservedPipeline,
  { sources, keeps, nowMs }: Surroundings,
): Promise<DestinationReport> {
  const { name, settings, statistics, destination } = view
  const counts = statistics.snapshot()
  const counters = countersOf(
    view,
    sources.map(({ source }) => source),
  )
  const rate = (counter: string, overMs: number) =>
    round(rates.perSecond(counter, counters[counter] ?? 0, overMs))
  const lately = (counter: string) => Math.round(rates.growth(counter, counters[counter] ?? 0, longMs))
  const ids = idsByName(view.positions)
  const isQuiet = counts.inFlight === 0
  const backlogs = await Promise.all(
    sources.map(async ({ source, look }) => {
      const told = look === null ? view.source.told(source.name) : undefined
      const { bytes, isComplete, oldestMs, filesNotRead, firstNotRead } =
        look === null || !isFolder(source)
          ? { ...unknownBacklog, ...told?.backlog }
          : await backlogOf({
              look,
              known: view.source.files(source.name),
              settled: new SettledBytes(source.name, view.positions, ids),
              isQuiet,
              fromMs: beginningOf(source, view.positions),
            })
      const corrected = oldestMs === null ? null : oldestMs + source.correctSeconds * 1000
      return {
        source: source.name,
        partitions: told?.partitions,
        filesNotRead,
        firstNotRead,
        bytes,
        isComplete,
        oldestMs: corrected,
        leftSeconds: leftOf(oldestMs, keeps.get(source.name), nowMs),
        rowsPerSecond: rate(`rows of ${source.name}`, minuteMs),
      }
    }),
  )
  const bytesSum = backlogs.reduce((sum, { bytes }) => sum + bytes, 0)
  const caughtUp = caughtUpIn(bytesSum, rate('settledBytes', minuteMs))
  const whole = {
    bytes: bytesSum,
    isComplete: backlogs.every(({ isComplete }) => isComplete),
    oldestMs: least(backlogs.map(({ oldestMs }) => oldestMs)),
  }
  const active = destination.active ?? settings.to
  const { paused } = view.gate
  // Nobody tries while it is paused.
  const down = paused === null ? downOf(watch, active) : null
  const letters = watch.letters.now ?? null
  const status: DestinationStatus = {
    name,
    to: settings.to,
    state: paused !== null ? 'paused' : down !== null ? 'unavailable' : stateOf(counts, bytesSum),
    since: sinceOf(paused ?? down),
    pausedBy: paused?.by ?? null,
    active,
    receivers: [settings.to, ...(settings.failover ?? [])].map((to) => receiverStatus(to, watch)),
    startedAt: isoOf(view.startedMs),
    lastDeliveryAt: counts.lastDeliveredAt === null ? null : isoOf(counts.lastDeliveredAt),
    backlog: {
      ...backlogStatus(whole, least(backlogs.map(({ leftSeconds }) => leftSeconds)), caughtUp, nowMs),
      sources: backlogs.map((each) => ({
        source: each.source,
        rowsPerSecond: each.rowsPerSecond,
        ...(each.partitions !== undefined && { partitions: [...each.partitions] }),
        ...backlogStatus(each, each.leftSeconds, caughtUp, nowMs),
      })),
    },
    rates: {
      oneMinute: ratesOver(rate, minuteMs),
      fifteenMinutes: ratesOver(rate, longMs),
    },
    counts: countsOf(counts),
    mails: mailsOf(view),
    filteredBy: filteredBy(view),
    certificates: certificatesOf(watch, active),
    positions: { savedAt: watch.savedAtMs === null ? null : isoOf(watch.savedAtMs), reason: watch.notSaved },
    deadLetters: { since: sinceOf(letters), reason: letters?.reason ?? null },
  }
  const facts = {
    down,
    lastMalformed: past(watch.lastMalformed),
    lastLost: past(watch.lastLost),
    lastRejected: watch.lastRejected,
    rejectedLately: lately('rejected'),
    lastDropped: past(watch.lastDropped),
    notTidied: watch.tidying.now ?? null,
    closedEarlyLately: lately('closedEarly'),
    runsMs: watch.runsMs,
  }
  const bySource = backlogs.map(
    ({ source, filesNotRead, firstNotRead, rowsPerSecond, bytes }) =>
      [source, { filesNotRead, firstNotRead, rowsPerSecond, backlogBytes: bytes }] as const,
  )
  return { status, facts, sources: new Map(bySource) }
}

function mailsOf({ mails }: PipelineView): DestinationStatus['mails'] {
  return mails && { open: mails.open, openBytes: mails.openBytes, closed: mails.closed }
}

function stateOf(
  { inFlight, read }: { readonly inFlight: number; readonly read: number },
  backlogBytes: number,
): DestinationStatus['state'] {
  if (inFlight > 0 || (backlogBytes > 0 && read > 0)) return 'delivering'
  return backlogBytes > 0 ? 'starting' : 'idle'
}

function sinceOf(state: { readonly sinceMs: number } | null): string | null {
  return state === null ? null : isoOf(state.sinceMs)
}

/**
 * Batches fail; or the receiver could not be connected to before there was one. A destination that tries by itself, as that of
 * Kafka does, says long before it gives a batch up that nobody is there.
 */
function downOf({ unavailableSince, receivers }: PipelineWatch, active: string): DestinationFacts['down'] {
  const { wrong = null, isLasting = false, advice = null } = receivers.get(active) ?? {}
  const down = unavailableSince ?? wrong
  if (down === null) return null
  const { reason, sinceMs } = down
  return { reason, sinceMs, isLasting, advice: advice !== null && reason.endsWith(advice) ? advice : null }
}

function receiverStatus(to: string, { receivers }: PipelineWatch): DestinationStatus['receivers'][number] {
  const seen = receivers.get(to)
  const wrong = seen?.wrong ?? null
  return {
    to,
    state: seen === undefined ? 'unknown' : wrong === null ? 'ready' : 'unavailable',
    reason: wrong?.reason ?? null,
    lasting: seen?.isLasting ?? false,
    since: wrong === null ? null : isoOf(wrong.sinceMs),
  }
}

function certificatesOf({ receivers }: PipelineWatch, active: string): DestinationStatus['certificates'] {
  return (receivers.get(active)?.certificates ?? []).map(({ of, subject, expiresAtMs }) => ({
    of,
    subject,
    expiresAt: isoOf(expiresAtMs),
  }))
}

function backlogStatus(
  { bytes, isComplete, oldestMs }: Pick<SourceBacklog, 'bytes' | 'isComplete' | 'oldestMs'>,
  leftSeconds: number | null,
  caughtUpInSeconds: number | null,
  nowMs: number,
): Backlog {
  return {
    bytes,
    complete: isComplete,
    oldestRecordAt: oldestMs === null ? null : isoOf(oldestMs),
    oldestRecordAgeSeconds: oldestMs === null ? null : Math.round((nowMs - oldestMs) / 1000),
    retentionLeftSeconds: leftSeconds,
    caughtUpInSeconds: bytes === 0 ? 0 : caughtUpInSeconds,
  }
}

/** By the clock of the server: Exchange deletes by that. */
function leftOf(oldestMs: number | null, keepsSeconds: number | undefined, nowMs: number): number | null {
  if (oldestMs === null || keepsSeconds === undefined) return null
  return Math.max(0, Math.round(keepsSeconds - (nowMs - oldestMs) / 1000))
}

function caughtUpIn(bytes: number, bytesPerSecond: number): number | null {
  if (bytes === 0) return 0
  return bytesPerSecond > 0 ? Math.round(bytes / bytesPerSecond) : null
}

function countsOf(counts: ReturnType<PipelineView['statistics']['snapshot']>): DestinationStatus['counts'] {
  const { read, delivered, filtered, malformed, rejected, lost, held, inFlight } = counts
  const { repeated, rewinds, failovers, failbacks, sentBytes } = counts
  return {
    read,
    delivered,
    filtered,
    malformed,
    rejected,
    lost,
    held,
    inFlight,
    repeated,
    rewinds,
    failovers,
    failbacks,
    sentBytes,
  }
}

function ratesOver(
  rate: (counter: string, overMs: number) => number,
  overMs: number,
): DestinationStatus['rates']['oneMinute'] {
  return {
    read: rate('read', overMs),
    delivered: rate('delivered', overMs),
    sentBytes: rate('sentBytes', overMs),
  }
}

/** The least of what is known. */
export function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function round(perSecond: number): number {
  return Math.round(perSecond * 100) / 100
}

/** A time as everything that is told has it. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
