/** The status as text for people: the verdict first, then sources and destinations. */
import type { DestinationStatus, Finding, InstanceStatus, SourceStatus } from './snapshot.ts'
import { counted, duration, size } from './words.ts'

/** A table of it, of which the caller makes lines: what stands before it, and its rows. */
export type StatusPart =
  | { readonly lines: readonly string[] }
  | { readonly rows: readonly (readonly string[])[]; readonly numbersFrom: number }

const severityWords: Readonly<Record<Finding['severity'], string>> = {
  down: 'Down',
  trouble: 'Trouble',
  behind: 'Behind',
  doubt: 'Doubt',
}

/** In one line how it fares: well; or which part is worst, why and what to do. */
function verdictLine(status: InstanceStatus): string {
  const [worst, ...others] = status.findings
  if (worst === undefined) return wellLine(status)
  const more = others.length === 0 ? '' : ` (and ${others.length} more below)`
  return `${findingLine(worst)} → ${worst.remedy}${more}`
}

/** All of it, part by part. */
export function statusParts(status: InstanceStatus): readonly StatusPart[] {
  const [, ...others] = status.findings
  const { program, configuration, state } = status
  const upSeconds = (Date.parse(status.at) - Date.parse(program.startedAt)) / 1000
  return [
    { lines: [verdictLine(status), ...others.flatMap((each) => [findingLine(each), `  → ${each.remedy}`])] },
    {
      lines: [
        '',
        `msgtrk ${program.version}, process ${program.pid}, up ${duration(upSeconds)}; ` +
          `${configuration.file ?? 'started by options'}; state ${state}`,
        '',
      ],
    },
    { rows: [sourceHead, ...status.sources.map(sourceRow)], numbersFrom: 3 },
    ...status.destinations.flatMap((destination) => destinationParts(destination, status)),
  ]
}

function wellLine({ sources, destinations }: InstanceStatus): string {
  const ages = sources.flatMap(({ newestRecordAgeSeconds: age }) => (age === null ? [] : [age]))
  const newest = ages.length === 0 ? '' : `; the newest record is ${duration(Math.min(...ages))} old`
  return `Well: ${counted(destinations.length, 'destination')} up to date with ${counted(sources.length, 'source')}${newest}`
}

function findingLine({ severity, part, why, since }: Finding): string {
  return `${severityWords[severity]}: ${part}${since === null ? '' : ` since ${since}`}: ${why}`
}

const sourceHead = ['source', 'server', 'newest record', 'files', 'size', 'behind', 'rows/s', 'kept for']

function sourceRow(source: SourceStatus): readonly string[] {
  const { kind, newestRecordAgeSeconds: age, retention } = source
  const isTopic = kind === 'topic'
  const isUnseen = !source.reachable && source.files === 0
  const newest = age === null ? '-' : age < 0 ? `in ${duration(-age)}` : `${duration(age)} ago`
  return [
    source.name,
    source.server ?? '-',
    source.reachable ? newest : 'unreachable',
    isTopic ? '-' : isUnseen ? '?' : `${source.files}`,
    isTopic ? '-' : isUnseen ? '?' : size(source.bytes),
    source.reachable || source.backlogBytes > 0 ? size(source.backlogBytes) : '?',
    `${source.rowsPerSecond}`,
    retention === null ? (isTopic ? '-' : '?') : `~${duration(retention.keepsSeconds)}`,
  ]
}

function destinationParts(destination: DestinationStatus, { at }: InstanceStatus): readonly StatusPart[] {
  const { name, to, state, since, pausedBy, receivers, active, backlog, counts, rates, certificates } =
    destination
  const ago = (time: string | null): string =>
    time === null ? 'never' : `${duration((Date.parse(at) - Date.parse(time)) / 1000)} ago`
  const age = backlog.oldestRecordAgeSeconds
  const left = backlog.retentionLeftSeconds
  const behind =
    backlog.bytes === 0
      ? backlog.complete
        ? 'nothing'
        : 'not known while a folder can not be looked at'
      : [
          `${backlog.complete ? '' : 'at least '}${size(backlog.bytes)}`,
          ...(age === null ? [] : [`oldest record ${duration(age)} old`]),
          ...(left === null ? [] : [`Exchange deletes it in ~${duration(left)}`]),
        ].join(', ')
  const { oneMinute, fifteenMinutes } = rates
  const sources = backlog.sources.filter(({ bytes }) => bytes > 0)
  const rows: (readonly [string, string])[] = [
    [
      'state',
      `${state}${since === null ? '' : `, since ${since}`}${pausedBy === null ? '' : `, by ${pausedBy}`}${active === to ? '' : `, active ${active}`}`,
    ],
    ...(receivers.length > 1
      ? receivers.map((each) => [each.to, [each.state, each.reason].filter(Boolean).join(': ')] as const)
      : []),
    ['last delivery', ago(destination.lastDeliveryAt)],
    ['behind', behind],
    ...(sources.length > 1
      ? sources.map(({ source, bytes, oldestRecordAgeSeconds }) => {
          const old = oldestRecordAgeSeconds === null ? '' : `, ${duration(oldestRecordAgeSeconds)} old`
          return [`  ${source}`, `${size(bytes)}${old}`] as const
        })
      : []),
    [
      'per second',
      `read ${oneMinute.read}, delivered ${oneMinute.delivered}, ${size(Math.round(oneMinute.sentBytes))} (1 min); ` +
        `${fifteenMinutes.read}, ${fifteenMinutes.delivered}, ${size(Math.round(fifteenMinutes.sentBytes))} (15 min)`,
    ],
    [
      'records',
      `read ${n(counts.read)}, delivered ${n(counts.delivered)}, filtered ${n(counts.filtered)}, ` +
        `malformed ${n(counts.malformed)}, rejected ${n(counts.rejected)}, lost ${n(counts.lost)}, in flight ${n(counts.inFlight)}`,
    ],
    ...(destination.mails === null ? [] : [['mails', mailsText(destination.mails, counts.held)] as const]),
    ...destination.filteredBy.map(({ rule, records }) => ['  filtered', `${rule}: ${n(records)}`] as const),
    [
      'repeats',
      `${n(counts.repeated)} events in ${n(counts.rewinds)} rewinds; ${n(counts.failovers)} failovers, ${n(counts.failbacks)} failbacks`,
    ],
    ...certificates.map(
      ({ of, subject, expiresAt }) => ['certificate', `of the ${of} until ${expiresAt}: ${subject}`] as const,
    ),
    ['positions saved', destination.positions.reason ?? ago(destination.positions.savedAt)],
  ]
  return [
    { lines: ['', `${name} → ${to}`] },
    { rows: rows.map(([label, text]) => [`  ${label}`, text]), numbersFrom: Infinity },
  ]
}

function mailsText(
  { open, openBytes, closed }: NonNullable<DestinationStatus['mails']>,
  held: number,
): string {
  const early = closed.full === 0 ? '' : `, ${n(closed.full)} of them early: no room for more`
  const all = closed.quiet + closed.long + closed.full + closed.end
  return `${n(open)} open, of ${n(held)} records, ${size(openBytes)} of memory; ${n(all)} closed${early}`
}

function n(count: number): string {
  return count.toLocaleString('en')
}
