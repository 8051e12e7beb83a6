/** What differs between the versions of Exchange: columns, version text, file names, known events. */
import { type Column, knownColumns } from '../records/layouts.ts'

/** The service of Exchange that writes a row; each has its own prefix of file names. */
export type Role = 'transport' | 'delivery' | 'submission' | 'moderation'

export const exchangeVersions = ['2007', '2010', '2013', '2016', '2019', 'se'] as const
export type ExchangeVersion = (typeof exchangeVersions)[number]

/** How one version of Exchange writes its logs. */
export interface ExchangeLayout {
  /** Text of the `#Version:` line, also of the column schema-version. */
  readonly version: string
  readonly columns: readonly Column[]
  /** File name prefix of each role. */
  readonly prefixes: Readonly<Record<Role, string>>
  /** Time of one file, a day or an hour, in UTC. */
  readonly periodMs: number
  /** The event id as this version writes it; null when it has no such event. */
  readonly eventId: (event: string) => string | null
}

const mailboxRoles = {
  transport: 'MSGTRK',
  delivery: 'MSGTRKMD',
  submission: 'MSGTRKMS',
  moderation: 'MSGTRKMA',
} as const

const hubAndMailbox = {
  transport: 'MSGTRK',
  delivery: 'MSGTRK',
  submission: 'MSGTRKM',
  moderation: 'MSGTRK',
} as const

const events2007 = new Set(
  'BADMAIL DEFER DELIVER DSN EXPAND FAIL POISONMESSAGE RECEIVE REDIRECT RESOLVE SEND SUBMIT TRANSFER'.split(
    ' ',
  ),
)

const events2010 = new Set([
  ...events2007,
  ...'DUPLICATEDELIVER DUPLICATEEXPAND DUPLICATEREDIRECT HADISCARD HARECEIVE HAREDIRECT LOAD'.split(' '),
  ...'INITMESSAGECREATED MODERATIONEXPIRE MODERATORAPPROVE MODERATORREJECT MODERATORSALLNDR'.split(' '),
  ...'NOTIFYMAPI PROCESS PROCESSMEETINGMESSAGE RESUBMIT'.split(' '),
])

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const daily = { prefixes: hubAndMailbox, periodMs: dayMs } as const
const hourly = { prefixes: mailboxRoles, periodMs: hourMs } as const
const latest = { ...hourly, columns: knownColumns[2016], eventId: (event: string) => event } as const

/** Before 2016 a mail that leaves the organisation is a SEND like any other. */
function sendBefore2016(event: string): string {
  return event === 'SENDEXTERNAL' ? 'SEND' : event
}

function idAmong(known: ReadonlySet<string>): (event: string) => string | null {
  return (event) => (known.has(sendBefore2016(event)) ? sendBefore2016(event) : null)
}

export const layouts: Readonly<Record<ExchangeVersion, ExchangeLayout>> = {
  2007: { ...daily, version: '8.0.0.0', columns: knownColumns[2007], eventId: idAmong(events2007) },
  2010: { ...daily, version: '14.0.0.0', columns: knownColumns[2010], eventId: idAmong(events2010) },
  2013: {
    ...hourly,
    version: '15.00.1497.048',
    columns: knownColumns[2013],
    eventId: sendBefore2016,
  },
  2016: { ...latest, version: '15.01.2507.039' },
  2019: { ...latest, version: '15.02.1544.011' },
  se: { ...latest, version: '15.02.2562.017' },
}

/** The five header lines, byte order mark and line ends included; `createdMs` is the file's `#Date`. */
export function headerBlock(layout: ExchangeLayout, createdMs: number): string {
  return [
    '\uFEFF#Software: Microsoft Exchange Server',
    `#Version: ${layout.version}`,
    '#Log-type: Message Tracking Log',
    `#Date: ${new Date(createdMs).toISOString()}`,
    `#Fields: ${layout.columns.join(',')}`,
    '',
  ].join('\r\n')
}

/** Digits that name the day or hour in a file name, such as `20261120` or `2026112014`. */
export function periodName(layout: ExchangeLayout, timeMs: number): string {
  const digits = new Date(timeMs).toISOString().replace(/\D/g, '')
  return digits.slice(0, layout.periodMs === dayMs ? 8 : 10)
}
