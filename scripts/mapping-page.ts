/** docs/mapping.md, made from the built-in tables, the dictionary, the schema and the presets. */
import * as z from 'zod'
import { describeMapping } from '../src/cli/mappings/rows.ts'
import { loadPresets, presetNames } from '../src/config/presets.ts'
import { describeTable } from '../src/map/describe.ts'
import { type Dictionary, typeIn } from '../src/map/table/dictionary.ts'
import { builtInMappings, loadDictionary, loadMapping } from '../src/map/table/load.ts'
import { extensionSchema, tableSchema } from '../src/map/table/schema.ts'

/** What exchange-modern offers, feature by feature: each value with what it is made of. */
export function offeredTable(): string {
  const { content } = loadMapping('exchange-modern', { dictionary: loadDictionary() })
  const rows = Object.entries(content.offered).flatMap(([name, feature]) => {
    const described = describeTable({ ...content, ...feature })
    return described.map(({ key, section, from, when }, index) => [
      index === 0 ? `\`${name}\`: ${feature.description}` : '',
      section === 'additional' ? `(additional) ${key}` : `\`${key}\``,
      `${from}${when === '' ? '' : `, ${when}`}`,
    ])
  })
  return table(['Feature', 'Key', 'From'], rows)
}

/** Everything behind the introduction. */
export function generatedSections(): string {
  const dictionary = loadDictionary()
  return [
    presetSection(),
    settingsSection(),
    ...builtInMappings().map((name) => tableSection(name, dictionary)),
    dictionarySection(dictionary),
  ].join('\n')
}

function presetSection(): string {
  const presets = loadPresets()
  const sections = presetNames.map((name) => {
    const { for: receiver, like, settings, notes } = presets[name]
    const known = like === undefined ? [] : presets[like].settings
    const said = notes.map((note) => `${note}\n`).join('\n')
    const rows = settings
      .filter((row) => !known.includes(row))
      .map(({ set, to, over, refuses, because }) => [
        `\`${set}\``,
        `\`${to}\``,
        over === undefined ? '' : over === 'udp' ? 'UDP' : 'TCP, TLS',
        refuses.map((value) => `\`${value}\``).join(', '),
        because,
      ])
    const beginning = `### ${name}: ${receiver}\n`
    const others =
      like === undefined ? '' : `The settings of ${like}${rows.length === 0 ? '' : ', but for these'}.\n`
    const own = rows.length === 0 ? '' : table(['Setting', 'Value', 'Over', 'Mistake', 'Because'], rows)
    return [beginning, others, own, said].filter((part) => part !== '').join('\n')
  })
  return `## Presets

\`preset: splunk\` at a destination puts in what suits that receiver. What the configuration says itself wins; a value
that the receiver can't take, listed under *Mistake*, is reported before anything is sent. \`msgtrk presets list\` and
\`msgtrk presets show NAME\` show the same.

${sections.join('\n')}`
}

type Schema = z.core.JSONSchema.BaseSchema

/** The settings of a table as the schema describes them. */
function settingsSection(): string {
  const whole = jsonSchema(tableSchema)
  const extending = jsonSchema(extensionSchema)
  const rows = [...new Set([...Object.keys(extending), ...Object.keys(whole)])].map((name) => {
    const own = descriptionOf(whole[name])
    const other = descriptionOf(extending[name])
    return [
      `\`${name}\``,
      name in whole ? own || '-' : '',
      name in extending ? (other === own && name in whole ? 'the same' : other || '-') : '',
    ]
  })
  const placedRow = (extending.fields as { readonly items: Schema }).items.properties ?? {}
  const rowSettings = Object.entries(placedRow).map(([name, setting]) => [
    `\`${name}\``,
    descriptionOf(setting),
  ])
  return `## Settings of a table

${table(['Setting', 'In a table of its own', 'In one that `extends` another'], rows)}
A row of \`fields\` or \`device\`:

${table(['Setting', 'Description'], rowSettings)}`
}

function jsonSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  return (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema).properties ?? {}
}

function descriptionOf(schema: unknown): string {
  return (schema as Schema | undefined)?.description ?? ''
}

function tableSection(name: string, dictionary: Dictionary): string {
  const { id, facts, rows } = describeMapping(loadMapping(name, { dictionary }), dictionary)
  const lines = rows.map(({ key, from, as, when, label, limit }) => [
    key.startsWith('(') ? key : `\`${key}\``,
    from,
    as,
    when,
    label,
    limit,
  ])
  return `## ${id}

${table(['Setting', 'Value'], facts)}
${table(['Key', 'From', 'As', 'When', 'Label', 'Limit'], lines)}`
}

function dictionarySection({ keys, header }: Dictionary): string {
  const rows = [...keys.values()].map((entry) => [
    `\`${entry.key}\``,
    entry.name,
    typeIn(entry, 0) === typeIn(entry, 1) ? entry.type : `${entry.type}; CEF:1 ${typeIn(entry, 1)}`,
    entry.bytes === undefined ? '' : String(entry.bytes),
    entry.label === undefined ? '' : `\`${entry.label}\``,
    entry.since === undefined ? '' : `CEF ${entry.since}`,
  ])
  const limits = Object.entries(header).map(([field, bytes]) => `${field} ${bytes}`)
  return `## Keys

Every table is checked against this dictionary. Lengths are in UTF-8 bytes of the value before it is escaped; header
fields: ${limits.join(', ')}.

${table(['Key', 'Name', 'Type', 'Bytes', 'Label', 'Since'], rows)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
}
