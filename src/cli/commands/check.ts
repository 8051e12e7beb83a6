/** `msgtrk check`: every mistake of a configuration at once, or what it would do. */
import { Command } from 'commander'
import { checkDeeply } from '../../app/check.ts'
import { readConfig, type TryOut } from '../../app/read-config.ts'
import type { Config, DestinationConfig } from '../../config/schema.ts'
import { kindOf } from '../../destinations/kinds.ts'
import { describeFilter } from '../../filter/filter.ts'
import type { Log } from '../../flow/log.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { PrivacyOptions } from '../../privacy/options.ts'
import type { CommandContext, TextOutput } from '../command-context.ts'
import { textTable } from '../terminal/table.ts'

/** What the command needs besides the configuration itself. */
export interface CheckContext extends Partial<CommandContext> {
  /** Tries what only a run would find out: mapping tables, certificates. */
  readonly deepCheck?: TryOut
}

const details = `
Reads the configuration the way "msgtrk run" does, with its \${env:…} and \${file:…} references, and goes as
far as possible without sending anything. Prints what would run, or every mistake with its line and remedy.
All settings are described in docs/configuration.md.

Example:
  msgtrk check --config /etc/msgtrk/msgtrk.yaml

Exit code: 0 when all is in order, 2 for a mistake.`

/** The command; throws a ProblemsError with all mistakes. */
export function checkCommand({
  deepCheck = checkDeeply,
  stdout = process.stdout,
  stderr = process.stderr,
}: CheckContext = {}): Command {
  return new Command('check')
    .description('Check a configuration file: every mistake at once, with its line and the remedy.')
    .requiredOption('--config <file>', 'the configuration file (YAML)')
    .addHelpText('after', details)
    .action(async ({ config: file }: { readonly config: string }) => {
      const config = await readConfig(file, { tryOut: deepCheck })
      const problems = await deepCheck(config, doubtsTo(stderr))
      if (problems.length > 0) throw new ProblemsError(problems)
      stdout.write(
        `${file} is in order.\n\n${textTable(summary(config), { gap: ' ', width: stdout.columns })}`,
      )
    })
}

/** A log that only tells what a person should look at. */
function doubtsTo(stderr: TextOutput): Log {
  const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const { destination, ...others } = fields
    const about = Object.entries(others).map(([name, value]) => {
      return `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`
    })
    const text = about.length === 0 ? message : `${message} (${about.join('; ')})`
    stderr.write(`${visible(destination === undefined ? text : `${destination}: ${text}`)}\n`)
  }
  return { debug() {}, info() {}, warn: tell, error: tell }
}

function describeHttp({ listen, tls, token }: NonNullable<Config['http']>): string {
  const needs = token === undefined ? 'for all programs on this machine' : 'with the token'
  return `${tls === undefined ? 'http' : 'https'}://${listen}, ${needs}`
}

/** What would run, in a few lines for people: a block for the program, each source and each destination. */
function summary({ state, log, http, sources, destinations }: Config): readonly Row[] {
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
    ...sources.map(({ name, folder, pattern, startAt, correctSeconds }): readonly Row[] => [
      ['source', name],
      ['  reads', `${folder}, ${pattern}`],
      ['  starts', startAt === 'beginning' || startAt === 'end' ? `at the ${startAt}` : `at ${startAt}`],
      ...(correctSeconds === 0 ? [] : [['  times', `${correctSeconds} seconds added`] as const]),
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
  const { name, to, preset, mapping, cefVersion, additionalData, labels, categories, syslog, framing } =
    destination
  const kind = kindOf(to)
  return [
    ['destination', name],
    ['  sends to', to],
    ...(kind.describe?.(destination) ?? []).map(([label, text]): Row => [`  ${label}`, text]),
    ...(preset === undefined ? [] : ([['  preset', preset]] as const)),
    ...selectionRows(destination),
    [
      '  mapping',
      `${mapping === 'auto' ? 'auto (by the columns of each log)' : mapping}, CEF:${cefVersion}, additional data ${additionalData}${labels === 'underscore' ? ', labels with underscores' : ''}`,
    ],
    ...(categories === undefined ? [] : ([['  categories', categories]] as const)),
    ...(destination.privacy === undefined
      ? []
      : ([['  keeps back', privacyText(destination.privacy)]] as const)),
    ...(destination.protectHeader
      ? ([['  protects', 'its header: CEF: before a digit is broken in values']] as const)
      : []),
    ['  syslog', syslogText(syslog, kind.frames.says ?? framing)],
    ['  delivered', kind.describeDelivered(destination)],
  ]
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
}: DestinationConfig): readonly Row[] {
  const rules = describeFilter({ filter })
  const forms = [
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

function privacyText({ columns, hideBcc, dropSubjects = [] }: PrivacyOptions): string {
  const parts = [
    ...Object.entries(columns).map(([name, method]) => `${name} (${method})`),
    ...(hideBcc ? ['Bcc recipients'] : []),
    ...(dropSubjects.length > 0 ? [`subjects with ${dropSubjects.join(' or ')}`] : []),
  ]
  return parts.join(', ')
}

function syslogText({ header, facility, time, zone }: DestinationConfig['syslog'], framing: string): string {
  return header === 'none'
    ? `no header, ${framing}`
    : `${header}, ${facility}, ${time} time in ${zone}, ${framing}`
}
