/** `msgtrk presets`: which receivers there are settings for, and what those settings are. */
import { Command } from 'commander'
import { loadPresets, type PresetName, type PresetRow, presetNames } from '../../config/presets.ts'
import { kinds } from '../../destinations/kinds.ts'
import { eventKeys } from '../../map/compile/event-keys.ts'
import { additionalStyles } from '../../map/options.ts'
import { builtInMappings, loadDictionary, loadMapping } from '../../map/table/load.ts'
import { didYouMean } from '../../mistakes/nearest.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import type { CommandContext } from '../command-context.ts'
import { inLines } from '../terminal/lines.ts'
import { textTable } from '../terminal/table.ts'

const details = `
A preset is what suits a receiver, as defaults of a destination. What the configuration says wins; a value
that the receiver can't take is a mistake, which "msgtrk check" tells.

  destinations:
    - { name: siem, to: tls://sc4s.example.com:6514, preset: splunk }

Examples:
  msgtrk presets list
  msgtrk presets show splunk
  msgtrk presets keys fluentd > keys.yaml`

/** The command; throws a ProblemsError for a name that is none. */
export function presetsCommand({ stdout = process.stdout }: Partial<CommandContext> = {}): Command {
  const width = stdout.columns
  const command = new Command('presets')
    .description('Show the settings that suit a receiver, and why.')
    .addHelpText('after', details)
  command
    .command('list')
    .description('Which receivers there are presets for.')
    .action(() => {
      const presets = loadPresets()
      stdout.write(
        textTable(
          presetNames.map((name) => [name, presets[name].for]),
          { width },
        ),
      )
    })
  command
    .command('show')
    .description('The settings of a preset, each with its reason.')
    .argument('<name>', 'a name that "msgtrk presets list" shows')
    .action((name: string) => {
      const { for: receiver, like, settings, notes } = loadPresets()[presetName(name)]
      const rows = settings.map((row) => [row.set, String(row.to), transportOf(row), row.because])
      const refused = settings.flatMap(({ set, refuses }) =>
        refuses.map((value) => `  ${set}: ${value} is a mistake\n`),
      )
      stdout.write(
        `${name}: ${receiver}\n${like === undefined ? '' : `As ${like}, but for what is said here.\n`}\n` +
          textTable([['setting', 'value', 'over', 'because'], ...rows], { width }) +
          (refused.length > 0 ? `\nNot for this receiver:\n${refused.join('')}` : '') +
          (notes.length > 0
            ? `\nTo know:\n${notes.map((note) => `${inLines(`  - ${note}`, width)}\n`).join('')}`
            : ''),
      )
    })
  command
    .command('keys')
    .description("All keys that events may have, as the key file (YAML) of Fluentd's CEF parser.")
    .argument('<name>', 'a name that "msgtrk presets list" shows')
    .option('--mapping <table>', 'mapping table: a built-in name or a file; all built-in ones by default')
    .action((name: string, { mapping }: { readonly mapping?: string }) => {
      const dictionary = loadDictionary()
      const names = mapping === undefined ? builtInMappings() : [mapping]
      const tables = names.map((table) => loadMapping(table, { dictionary }))
      const row = loadPresets()[presetName(name)].settings.find(({ set }) => set === 'additionalData')
      const style = additionalStyles.find((each) => each === row?.to) ?? 'arcsight'
      const keys = eventKeys(tables, dictionary, style)
      stdout.write(`msgtrk:\n${keys.map((key) => `  - ${key}\n`).join('')}`)
    })
  return command
}

/** What a row is for alone; nothing where that is every kind of destination. */
function transportOf({ over }: PresetRow): string {
  if (over === undefined) return ''
  const meant = kinds.filter(({ frames }) => frames.over === over)
  return meant.map(({ title }) => title).join(', ')
}

function presetName(name: string): PresetName {
  const known = presetNames.find((each) => each === name)
  if (known !== undefined) return known
  const remedy = didYouMean(name, presetNames) ?? `there are: ${presetNames.join(', ')}`
  throw new ProblemsError([{ where: { argument: name }, message: 'is no preset', remedy }])
}
