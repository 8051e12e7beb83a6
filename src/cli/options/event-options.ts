/** Options that several commands share: what is delivered, as what, and where to. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type UnicodeControls, unicodeControls } from '../../encode/unicode-controls.ts'
import { unknownNames } from '../../filter/events.ts'
import { type NoiseName, noiseNames, type ReadyName, readyNames } from '../../filter/options.ts'
import type { DateOrder } from '../../formats/export-time.ts'
import type { ExportSettings } from '../../formats/exports.ts'
import { parseZone } from '../../formats/zone.ts'
import {
  type AdditionalStyle,
  additionalStyles,
  type CefVersion,
  type LabelStyle,
  labelStyles,
  type RawEvent,
  rawEventPlaces,
} from '../../map/options.ts'
import {
  type OverflowMode,
  overflowModes,
  type RecipientMode,
  recipientModes,
} from '../../rewrite/options.ts'
import type { TextOutput } from '../command-context.ts'
import { tellProblem } from '../terminal/problems.ts'
import { oneOfNames } from './one-of-names.ts'
import { ListOption } from './repeated-options.ts'

export interface MappingArguments {
  readonly mapping: string
  readonly additionalData: AdditionalStyle
  readonly labels: LabelStyle
  readonly cefVersion: CefVersion
  readonly rawEvent: RawEvent
  readonly protectHeader: boolean
  /** Decided by the command where it is not given. */
  readonly unicodeControls?: UnicodeControls
  readonly categories?: string
}

/** How records with several recipients become events. */
export interface RecipientArguments {
  readonly recipients: RecipientMode
  readonly overflow: OverflowMode
}

/** Adds `--mapping`, `--categories`, `--additional-data`, `--labels`, `--cef-version`, `--protect-header`, `--unicode-controls` and `--raw-event`. */
export function addMappingOptions(command: Command): Command {
  return command
    .option(
      '--mapping <table>',
      'mapping table: auto, a built-in name such as exchange-2013, or a file',
      'auto',
    )
    .option(
      '--categories <file>',
      'ArcSight categories by event id: arcsight (those that come along) or a file (CSV)',
    )
    .addOption(additionalDataOption())
    .addOption(
      new Option('--labels <style>', 'what stands between the words of labels')
        .choices(labelStyles)
        .default('space'),
    )
    .addOption(cefVersionOption())
    .option(
      '--protect-header',
      'break "CEF:" before a digit inside values, which some receivers take for an event',
      false,
    )
    .addOption(
      new Option(
        '--unicode-controls <which>',
        'which line ends and controls beyond ASCII stay or become U+FFFD',
      ).choices(unicodeControls),
    )
    .addOption(
      new Option('--raw-event <place>', 'where the original row goes')
        .choices(rawEventPlaces)
        .default('none'),
    )
}

/** The option `--additional-data`. */
export function additionalDataOption(): Option {
  return new Option('--additional-data <style>', 'keys of columns without a CEF key')
    .choices(additionalStyles)
    .default('arcsight')
}

/** The option `--cef-version`. */
export function cefVersionOption(): Option {
  return new Option('--cef-version <version>', 'version of CEF')
    .choices(['0', '1'])
    .argParser(cefVersion)
    .default(0)
}

/** Adds `--recipients` and `--overflow`. */
export function addRecipientOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--recipients <mode>', 'one event for all recipients of a record, or one for each')
        .choices(recipientModes)
        .default('joined'),
    )
    .addOption(
      new Option('--overflow <mode>', 'what becomes of a list of recipients that is too long')
        .choices(overflowModes)
        .default('cut'),
    )
}

/** Which records are taken. */
export interface SelectionArguments {
  readonly events?: readonly string[]
  readonly noise?: readonly NoiseName[]
  readonly only?: readonly ReadyName[]
}

/** The option `--events`; `parse` gives the ids of one value. */
export function eventsOption(parse: (text: string) => readonly string[] = eventList): Option {
  return new ListOption('--events <ids>', 'only these event ids, such as SEND,RECEIVE', parse)
}

/** The option `--noise`; `names`: what the help says of which there is. */
export function noiseOption(names: readonly NoiseName[] = noiseNames): Option {
  return new ListOption('--noise <names>', `leave out noise: ${names.join(',')}`, noiseList)
}

/** Those that can do without a configuration. */
const onlyNames = readyNames.filter((name) => name !== 'anonymous-relay')

/** The option `--only`. */
export function onlyOption(): Option {
  return new ListOption('--only <names>', `only what is about one of: ${onlyNames.join(',')}`, onlyList)
}

/** The option `--output`. */
export function outputOption(): Option {
  return new Option('-o, --output <file>', 'write to a file instead of standard output')
}

/** How exports are read. */
export interface ExportArguments {
  readonly exportDates?: DateOrder
  readonly exportZone?: string
}

/** Adds `--export-dates` and `--export-zone`. */
export function addExportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--export-dates <order>', 'of exports: whether day or month comes first in dates').choices([
        'dmy',
        'mdy',
      ]),
    )
    .option(
      '--export-zone <zone>',
      'of exports: the zone of their times (Europe/Berlin, +02:00, local, utc)',
      zone,
    )
}

/** The settings that these arguments are. */
export function exportSettings({ exportDates, exportZone }: ExportArguments): ExportSettings {
  return { dates: exportDates ?? null, zone: exportZone === undefined ? null : parseZone(exportZone) }
}

function zone(text: string): string {
  if (parseZone(text) !== null) return text
  throw new InvalidArgumentError('Give a zone such as Europe/Berlin, +02:00, local or utc.')
}

/** `SEND,RECEIVE` as a list. */
export function eventList(text: string): readonly string[] {
  const events = text.split(',').map((event) => event.trim().toUpperCase())
  if (events.every((event) => /^[\w-]{1,64}$/.test(event))) return events
  throw new InvalidArgumentError('Give event ids separated by commas, such as SEND,RECEIVE.')
}

/** `shadow-redundancy,monitoring` as a list. */
export function noiseList(text: string): readonly NoiseName[] {
  return text.split(',').map((part) => oneOfNames(part.trim(), noiseNames))
}

/** `failed,auto-forwarded` as a list. */
export function onlyList(text: string): readonly ReadyName[] {
  return text.split(',').map((part) => oneOfNames(part.trim(), onlyNames))
}

function cefVersion(text: string): CefVersion {
  if (text === '0') return 0
  if (text === '1') return 1
  throw new InvalidArgumentError('Allowed choices are 0, 1.')
}

/** Says on standard error which of the event ids Exchange is not known to write; they are taken all the same. */
export function doubtEvents(events: readonly string[] = [], stderr: TextOutput = process.stderr): void {
  const unknown = unknownNames(events)
  if (unknown.length === 0) return
  const message = `not known to be written by Exchange: ${unknown.join(', ')}`
  tellProblem(stderr, { where: { option: '--events' }, message }, 'warning: ')
}
