/** What a configuration would run, in a few lines for people. */
import { agentHere, ownAddresses } from '../../app/agent.ts'
import type { Config, DestinationConfig } from '../../config/schema.ts'
import { formatInWords } from '../../destinations/format.ts'
import { kindOf } from '../../destinations/kinds.ts'
import { describeFilter } from '../../filter/filter.ts'
import { type MailSettings, mailDefaults } from '../../mails/options.ts'
import { counted } from '../../mistakes/counted.ts'
import type { PrivacyOptions } from '../../privacy/options.ts'
import { describeSource } from '../../sources/options.ts'

function describeHttp({ listen, tls, token }: NonNullable<Config['http']>): string {
  const needs = token === undefined ? 'for all programs on this machine' : 'with the token'
  return `${tls === undefined ? 'http' : 'https'}://${listen}, ${needs}`
}

/** A block for the program, each source and each destination. */
export function summary({ state, log, http, sources, destinations }: Config): readonly Row[] {
  const blocks: readonly (readonly Row[])[] = [
    [
      ['state', state],
      [
        'log',
        log.file === undefined
          ? `${log.level}, standard error`
          : `${log.level}, standard error and ${log.file}`,
      ],
      ...(http === undefined ? [] : [['http', describeHttp(http)] as const]),
    ],
    ...sources.map(({ name, startAt, correctSeconds, fields, ...source }): readonly Row[] => [
      ['source', name],
      ['  reads', describeSource({ name, startAt, ...source })],
      ['  starts', startText(startAt)],
      ...(correctSeconds === 0 ? [] : [['  times', `${counted(correctSeconds, 'second')} added`] as const]),
      ...Object.entries(fields ?? {}).map(
        ([key, text], index): Row => [index === 0 ? '  fields' : '', `${key}=${text}`],
      ),
    ]),
    ...destinations.map(destinationRows),
  ]
  return blocks
    .flatMap((block, index): readonly Row[] => (index === 0 ? block : [['', ''], ...block]))
    .map(([label, text]) => [label.padEnd(LABEL_LENGTH), text])
}

/** Of the longest label there is, whether it is shown or not. */
const LABEL_LENGTH = '  categories'.length

type Row = readonly [label: string, text: string]

function destinationRows(destination: DestinationConfig): readonly Row[] {
  const {
    name,
    to,
    preset,
    records,
    mapping,
    cefVersion,
    additionalData,
    labels,
    categories,
    syslog,
    framing,
  } = destination
  const kind = kindOf(to)
  const format = kind.frames.formatOf?.(destination) ?? 'cef'
  return [
    ['destination', name],
    ['  sends to', to],
    ...(kind.describe?.(destination) ?? []).map(([label, text]): Row => [`  ${label}`, text]),
    ...(preset === undefined ? [] : ([['  preset', preset]] as const)),
    ...selectionRows(destination),
    ...(format === 'message-tracking-log' || format === 'raw'
      ? []
      : ([
          [
            '  mapping',
            `${mappingText(mapping, records)}, CEF:${cefVersion}, additional data ${additionalData}${labels === 'underscore' ? ', labels with underscores' : ''}`,
          ],
        ] as const)),
    ...(categories === undefined || categories === 'none' ? [] : ([['  categories', categories]] as const)),
    ...(destination.agent ? ([['  agent', agentText()]] as const) : []),
    ...(destination.privacy === undefined
      ? []
      : ([['  keeps back', privacyText(destination.privacy)]] as const)),
    ...(destination.protectHeader
      ? ([['  protects', 'its header: CEF: before a digit is broken in values']] as const)
      : []),
    format === 'cef' && kind.frames.header === undefined
      ? ['  syslog', syslogText(syslog, kind.frames.says ?? framing)]
      : ['  as', formatInWords(format) ?? kind.frames.says ?? format],
    ['  delivered', kind.describeDelivered(destination)],
    ...(destination.selfReport ? ([['  reports', 'on msgtrk itself, too']] as const) : []),
  ]
}

function startText(startAt: string): string {
  if (startAt === 'beginning' || startAt === 'end') return `at the ${startAt}`
  return `with records of ${startAt}; logs whose #Date is no earlier are read whole`
}

/** Which of several addresses it is that events have, nobody would guess. */
function agentText(): string {
  const { host } = agentHere(null)
  const [address = 'without an IPv4 address', ...others] = ownAddresses()
  const more =
    others.length === 0
      ? ''
      : ` of ${others.length + 1} addresses; another one: agt in the fields of each source`
  return `events say who sent them: ${host}, ${address}${more}`
}

/** Which records become events, and how many. */
function selectionRows({
  events,
  filter,
  noise,
  only,
  recipients,
  overflow,
  rawEvent,
  records,
  mails = mailDefaults,
}: DestinationConfig): readonly Row[] {
  const rules = describeFilter({ filter })
  const forms = [
    ...(records === 'mail' ? [mailText(mails)] : []),
    ...(recipients === 'each' ? ['one event for each recipient'] : []),
    ...(overflow === 'split' ? ['several events where a list is too long'] : []),
    ...(rawEvent === 'none' ? [] : ['with the original row']),
  ]
  return [
    ['  events', events === undefined ? 'all' : events.join(', ')],
    ...rules.map((rule, index): Row => [index === 0 ? '  filter' : '', rule]),
    ...(only === undefined ? [] : [['  only', only.join(', ')] as const]),
    ...(noise === undefined || noise.length === 0 ? [] : [['  without', noise.join(', ')] as const]),
    ...(forms.length === 0 ? [] : [['  becomes', forms.join(', ')] as const]),
  ]
}

function mappingText(mapping: string, records: DestinationConfig['records']): string {
  if (mapping !== 'auto') return mapping
  return records === 'mail' ? 'mail' : 'auto (by the columns of each log)'
}

function mailText({ quietMinutes, openMinutes, maxMegabytes }: MailSettings): string {
  return (
    `one event for each mail, ${counted(quietMinutes, 'minute')} after its last row and ${openMinutes} after its first at most, ` +
    `${maxMegabytes} MB of memory`
  )
}

function privacyText({ columns, hideBcc, dropSubjects = [] }: PrivacyOptions): string {
  const parts = [
    ...Object.entries(columns).map(([name, method]) => `${name} (${method})`),
    ...(hideBcc ? ['Bcc recipients'] : []),
    ...(dropSubjects.length > 0 ? [`subjects with ${dropSubjects.join(' or ')}`] : []),
  ]
  return parts.join(', ')
}

function syslogText(
  { header, facility, time, zone, host }: DestinationConfig['syslog'],
  framing: string,
): string {
  const named = host === undefined ? '' : `, host ${hostText(host)}`
  return header === 'none'
    ? `no header, ${framing}`
    : `${header}, ${facility}, ${time} time in ${zone}${named}, ${framing}`
}

function hostText(host: string): string {
  if (host === 'source') return 'by the name of the source'
  return host === 'server' ? 'by the server that wrote the row' : host
}
