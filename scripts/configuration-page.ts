/** docs/configuration.md, made from the JSON schema of the configuration. */
import type * as z from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** The tables of all groups of settings, the outer ones first. */
export function settingsTables(schema: Schema): string {
  return groups(unfolded(schema), '')
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
  if (schema.$ref) return 'group as this one'
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.anyOf) return schema.anyOf.map((shape) => shapeOf(asSchema(shape))).join(', or ')
  const items = itemsOf(schema)
  if (items?.$ref) return 'list of groups as this one'
  if (items) return items.properties ? 'list of groups' : `list of ${typeOf(items)}${items.enum ? '' : 's'}`
  if (schema.properties) return 'group'
  if (schema.type === 'integer') return `number, ${schema.minimum} to ${schema.maximum}`
  return schema.type === 'string' ? 'text' : String(schema.type)
}

/** One of several shapes: of a group, the names in it, since it has no table of its own. */
function shapeOf(schema: Schema): string {
  const names = Object.keys(schema.properties ?? {})
  return names.length > 0 ? `${names.map((name) => `\`${name}\``).join(', ')}` : typeOf(schema)
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

/** The schema with each definition in place of the references to it; within itself it stays a reference. */
function unfolded(root: Schema, schema: Schema = root, open: readonly string[] = []): Schema {
  const reference = schema.$ref
  if (reference !== undefined && open.includes(reference)) return schema
  const target = reference && asSchema(root.$defs?.[reference.replace('#/$defs/', '')])
  const inside = reference ? [...open, reference] : open
  const { $ref: _, ...full } = { ...target, ...schema }
  const unfold = (inner: unknown) => unfolded(root, asSchema(inner), inside)
  return {
    ...full,
    ...(full.properties && {
      properties: Object.fromEntries(
        Object.entries(full.properties).map(([name, inner]) => [name, unfold(inner)]),
      ),
    }),
    ...(full.items !== undefined && { items: unfold(full.items) }),
  } as Schema
}
