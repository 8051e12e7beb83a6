/** Options that several commands share: what is delivered, and as what. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type AdditionalStyle, additionalStyles, type CefVersion } from '../map/options.ts'

export interface MappingArguments {
  readonly mapping: string
  readonly additionalData: AdditionalStyle
  readonly cefVersion: CefVersion
}

/** Adds `--mapping`, `--additional-data` and `--cef-version`. */
export function addMappingOptions(command: Command): Command {
  return command
    .option(
      '--mapping <table>',
      'mapping table: auto, a built-in name such as exchange-2013, or a file',
      'auto',
    )
    .addOption(
      new Option('--additional-data <style>', 'keys of columns without a CEF key')
        .choices(additionalStyles)
        .default('arcsight'),
    )
    .addOption(
      new Option('--cef-version <version>', 'version of CEF')
        .choices(['0', '1'])
        .argParser(cefVersion)
        .default(0),
    )
}

/** `SEND,RECEIVE` as a list. */
export function eventList(text: string): readonly string[] {
  const events = text.split(',').map((event) => event.trim().toUpperCase())
  if (events.every((event) => /^[\w-]{1,64}$/.test(event))) return events
  throw new InvalidArgumentError('Give event ids separated by commas, such as SEND,RECEIVE.')
}

function cefVersion(text: string): CefVersion {
  if (text === '0') return 0
  if (text === '1') return 1
  throw new InvalidArgumentError('Allowed choices are 0, 1.')
}
