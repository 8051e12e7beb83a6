/** A configuration as a person would write it: with comments, and paths in single quotes, where \ is only a backslash. */
import { visible } from '../../mistakes/visible.ts'
import type {
  Answers,
  DestinationAnswer,
  KafkaAnswer,
  LeftOut,
  SentinelAnswer,
  SourceAnswer,
  TlsAnswer,
} from './answers.ts'

/** The text of the file; `today` as 2026-11-28. */
export function configText(answers: Answers, today: string): string {
  const { state, http, sources, destinations, leftOut = [] } = answers
  const blocks = [
    [
      `# Configuration of msgtrk, written by "msgtrk init" on ${today}. All settings: docs/configuration.md.`,
      '# After a change: "msgtrk check", then "msgtrk reload" where it runs.',
    ],
    [
      '# Positions and dead letters: on a local disk, for one instance. What it holds must last.',
      `state: ${quoted(state)}`,
    ],
    http === undefined
      ? [
          '# Status page, health and metrics (docs/metrics.md): take away the marks to turn them on.',
          '# http:',
          "#   listen: '127.0.0.1:9464'",
        ]
      : [
          '# Status page, health and metrics (docs/status-page.md, docs/metrics.md), for this machine.',
          'http:',
          `  listen: ${quoted(http.listen)}`,
          `  token: ${inQuotes(`\${file:${http.tokenFile}}`)}`,
        ],
    [
      '# A folder of message tracking logs for each server. startAt counts only the first time: beginning, end, or a',
      '# time such as 2026-11-20T14:00:00Z.',
      'sources:',
      ...sources.flatMap(sourceLines),
    ],
    [
      '# Receivers; each has its own filter and positions. What a preset sets: msgtrk presets show NAME.',
      'destinations:',
      ...destinations.flatMap(destinationLines),
    ],
    ...(leftOut.length === 0
      ? []
      : [['# Not carried over:', ...leftOut.map((one) => `#   ${leftOutText(one)}`)]]),
  ]
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

/** One line on a setting that was not carried over. */
export function leftOutText({ key, value, because }: LeftOut): string {
  return visible(`${key} = ${value}${because === undefined ? '' : ` (${because})`}`)
}

function sourceLines({ name, folder, pattern, startAt = 'beginning' }: SourceAnswer): readonly string[] {
  const settings = [
    ...(name === undefined ? [] : [`name: ${plainOrQuoted(name)}`]),
    `folder: ${quoted(folder)}`,
    ...(pattern === undefined ? [] : [`pattern: ${quoted(pattern)}`]),
    `startAt: ${plainOrQuoted(startAt)}`,
  ]
  return member(settings)
}

function destinationLines(destination: DestinationAnswer): readonly string[] {
  const { name, to, failover, preset, tls, sentinel, kafka, events, noise } = destination
  return member([
    ...(name === undefined ? [] : [`name: ${plainOrQuoted(name)}`]),
    `to: ${plainOrQuoted(to)}`,
    ...(failover === undefined ? [] : [`failover: ${list(failover)}`]),
    ...(preset === undefined ? [] : [`preset: ${plainOrQuoted(preset)}`]),
    ...(tls === undefined ? [] : tlsLines(tls)),
    ...(sentinel === undefined ? [] : sentinelLines(sentinel)),
    ...(kafka === undefined ? [] : kafkaLines(kafka)),
    ...(events === undefined
      ? ['# events: [RECEIVE, SEND]    # only these; all without it (docs/events.md says what each means)']
      : [`events: ${list(events)}`]),
    ...(noise === undefined || noise.length === 0
      ? ['# noise: [monitoring]        # leaves out mail of health mailboxes and probes']
      : [`noise: ${list(noise)}`]),
  ])
}

function tlsLines(tls: TlsAnswer): readonly string[] {
  const { fingerprint, serverName, ...files } = tls
  const lines = [
    ...Object.entries(files).map(([setting, path]) => `  ${setting}: ${quoted(path)}`),
    ...(serverName === undefined ? [] : [`  serverName: ${plainOrQuoted(serverName)}`]),
    ...(fingerprint === undefined
      ? []
      : [
          '  # Its certificate must be this one; renewed, it needs the new one here.',
          `  fingerprint: ${quoted(fingerprint)}`,
        ]),
  ]
  return lines.length === 0 ? [] : ['tls:', ...lines]
}

function sentinelLines({ clientSecretFile, certificate, ...ids }: SentinelAnswer): readonly string[] {
  const lines = [
    ...Object.entries(ids).map(([setting, id]) => `  ${setting}: ${quoted(id)}`),
    ...(clientSecretFile === undefined
      ? []
      : [`  clientSecret: ${inQuotes(`\${file:${clientSecretFile}}`)}`]),
    ...(certificate === undefined ? [] : [`  certificate: ${quoted(certificate)}`]),
  ]
  return lines.length === 0 ? [] : ['sentinel:', ...lines]
}

function kafkaLines({ tls, mechanism, username, passwordFile }: KafkaAnswer): readonly string[] {
  const [first, ...others] = tls === undefined ? [] : tlsLines(tls)
  const lines = [
    ...(tls === undefined ? [] : [first ?? 'tls: {}', ...others]),
    ...(mechanism === undefined ? [] : ['sasl:', `  mechanism: ${mechanism}`]),
    ...(username === undefined ? [] : [`  username: ${quoted(username)}`]),
    ...(passwordFile === undefined ? [] : [`  password: ${inQuotes(`\${file:${passwordFile}}`)}`]),
  ]
  return lines.length === 0 ? [] : ['kafka:', ...lines.map((line) => `  ${line}`)]
}

function member(lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)
}

function list(values: readonly string[]): string {
  return `[${values.map(plainOrQuoted).join(', ')}]`
}

/** As it is where nothing in it means anything to YAML. */
function plainOrQuoted(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$|^[a-z]+:\/\/[A-Za-z0-9._-]+:\d+$/.test(text)
  const meansMore = /^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text)
  return isPlain && !meansMore ? text : quoted(text)
}

/** In single quotes, and `${` in it is no reference. */
function quoted(text: string): string {
  return inQuotes(text.replaceAll('${', () => '$${'))
}

function inQuotes(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
