/**
 * Receiver presets: what suits a receiver, as defaults of a destination. They are put in among the settings
 * that were written, before the schema adds its own defaults; what was written wins.
 */
import * as z from 'zod'
import { presetRowsFor } from '../destinations/options.ts'
import type { Mistake } from '../mistakes/of-settings.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import { type Group, isGroup, type Path, withValue } from '../mistakes/written.ts'
import { checkYaml, parseYaml } from '../mistakes/yaml.ts'
import { shippedText } from '../package/files.ts'

/** Names of the presets, as they stand in `preset:`. */
export const presetNames = [
  'arcsight',
  'splunk',
  'sentinel',
  'elastic',
  'graylog',
  'qradar',
  'exabeam',
  'logstash',
  'vector',
  'datadog',
  'fluentd',
  'chronicle',
  'xsiam',
  'logscale',
  'sumo',
  'wazuh',
  'devo',
  'transformation-hub',
  'eventhubs',
  'generic',
] as const

export type PresetName = (typeof presetNames)[number]

const settingValue = z.union([z.string(), z.number(), z.boolean()])

const rowSchema = z.strictObject({
  set: z.enum([
    'cefVersion',
    'additionalData',
    'labels',
    'categories',
    'agent',
    'syslog.header',
    'syslog.host',
    'syslog.time',
    'syslog.zone',
    'syslog.facility',
    'framing',
    'protectHeader',
    'unicodeControls',
    'maxMessageBytes',
    'kafka.idempotent',
    'kafka.compression',
    'kafka.maxRequestBytes',
    'kafka.idleMs',
    'kafka.requestTimeoutMs',
  ]),
  to: settingValue,
  over: z.enum(['udp', 'stream']).optional(),
  refuses: z.array(settingValue).default([]),
  because: z.string(),
})

const presetSchema = z.strictObject({
  for: z.string(),
  like: z.enum(presetNames).optional(),
  settings: z.array(rowSchema).default([]),
  notes: z.array(z.string()).default([]),
})

/** One setting of a preset: its value, over which transport, values the receiver can't take, and why. */
export type PresetRow = Readonly<z.output<typeof rowSchema>>
/** What suits a receiver; the rows of the preset that it is `like` are among its settings. */
export type Preset = Readonly<z.output<typeof presetSchema>>

let loaded: Readonly<Record<PresetName, Preset>> | undefined

/** The presets that come with the program; read once, when first asked for. */
export function loadPresets(): Readonly<Record<PresetName, Preset>> {
  if (loaded !== undefined) return loaded
  const problems: Problem[] = []
  const yaml = parseYaml('mappings/presets.yaml', shippedText('mappings/presets.yaml'), problems)
  const written = checkYaml(yaml, z.record(z.enum(presetNames), presetSchema), problems)
  if (written === undefined) throw new ProblemsError(problems)
  const wholeOf = (name: PresetName): Preset => {
    const preset = written[name]
    const rows = preset.like === undefined ? [] : wholeOf(preset.like).settings
    return { ...preset, settings: placeOver(rows, preset.settings) }
  }
  const all = { ...written }
  for (const name of presetNames) all[name] = wholeOf(name)
  loaded = all
  return loaded
}

/** The rows of another preset with those in their place that are for the same setting. */
function placeOver(rows: readonly PresetRow[], own: readonly PresetRow[]): PresetRow[] {
  const isReplaced = ({ set }: PresetRow) => own.some((row) => row.set === set)
  const added = own.filter(({ set }) => !rows.some((row) => row.set === set))
  const placed = new Set<string>()
  const replaced = rows.flatMap((row) => {
    if (!isReplaced(row)) return [row]
    if (placed.has(row.set)) return []
    placed.add(row.set)
    return own.filter(({ set }) => set === row.set)
  })
  return [...replaced, ...added]
}

/** A configuration as it was written, its presets' settings put in. */
export interface Filled {
  readonly value: unknown
  /** What was written although the receiver of the preset can't take it. */
  readonly mistakes: readonly Mistake[]
}

/** Fills in the presets of all destinations. Whatever is not of the right shape is left for the schema. */
export function fillInPresets(written: unknown): Filled {
  const destinations = isGroup(written) ? written.destinations : undefined
  if (!isGroup(written) || !Array.isArray(destinations)) return { value: written, mistakes: [] }
  const filled = destinations.map((destination: unknown, index) => {
    const name = isGroup(destination) ? destination.preset : undefined
    return isGroup(destination) && isPresetName(name)
      ? fillIn(destination, name, ['destinations', index])
      : { value: destination, mistakes: [] }
  })
  return {
    value: { ...written, destinations: filled.map(({ value }) => value) },
    mistakes: filled.flatMap(({ mistakes }) => mistakes),
  }
}

function fillIn(destination: Group, name: PresetName, at: Path): Filled {
  const transport = presetRowsFor(destination.to)
  const mistakes: Mistake[] = []
  let value: Group = destination
  for (const { set, to, over, refuses, because } of loadPresets()[name].settings) {
    if (over !== undefined && over !== transport) continue
    const path = set.split('.')
    const own = writtenAt(destination, path)
    if (own === undefined) value = withValue(value, path, to)
    else if (refuses.some((refused) => refused === own)) {
      mistakes.push({
        path: [...at, ...path],
        message: `does not go with preset ${name}: ${because}`,
        remedy: `remove it or write ${to}; a receiver that takes it needs no preset ${name}`,
      })
    }
  }
  return { value, mistakes }
}

/** Undefined when nothing was written there; a part of the path that is no group counts as written. */
function writtenAt(group: Group, [first = '', ...rest]: readonly string[]): unknown {
  const value = group[first]
  return rest.length > 0 && isGroup(value) ? writtenAt(value, rest) : value
}

function isPresetName(name: unknown): name is PresetName {
  return presetNames.some((known) => known === name)
}
