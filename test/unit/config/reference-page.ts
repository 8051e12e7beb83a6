/** docs/configuration.md, made from the JSON schema of the configuration. */
import type { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** The tables of all groups of settings, the outer ones first. */
export function settingsTables(schema: Schema): string {
  return groups(schema, '')
    .map(({ title, group }) => `## ${title}\n\n${table(group)}`)
    .join('\n')
}

interface Group {
  readonly title: string
  readonly group: Schema
}

function groups(schema: Schema, path: string): readonly Group[] {
  const title = path === '' ? 'Top level' : `\`${path}\``
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => {
    const member = itemsOf(asSchema(setting))
    const inside = `${path === '' ? '' : `${path}.`}${name}${member ? '[]' : ''}`
    const group = member ?? asSchema(setting)
    return group.properties ? groups(group, inside) : []
  })
  return [{ title, group: schema }, ...inner]
}

function table(group: Schema): string {
  const rows = Object.entries(group.properties ?? {}).map(([name, setting]) => {
    const schema = asSchema(setting)
    const required = group.required?.includes(name) && schema.default === undefined
    return [
      `\`${name}\``,
      typeOf(schema),
      required ? 'required' : defaultOf(schema),
      schema.description ?? '',
    ]
  })
  return [['Setting', 'Type', 'Default', 'Description'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
  const items = itemsOf(schema)
  if (items) return items.properties ? 'list of groups' : `list of ${typeOf(items)}s`
  if (schema.properties) return 'group'
  if (schema.type === 'integer') return `number, ${schema.minimum} to ${schema.maximum}`
  return schema.type === 'string' ? 'text' : String(schema.type)
}

function defaultOf({ default: value }: Schema): string {
  return value === undefined || typeof value === 'object' ? '' : `\`${value}\``
}

function itemsOf({ items }: Schema): Schema | undefined {
  return items === undefined || Array.isArray(items) ? undefined : asSchema(items)
}

function asSchema(schema: unknown): Schema {
  return typeof schema === 'object' && schema !== null ? (schema as Schema) : {}
}
