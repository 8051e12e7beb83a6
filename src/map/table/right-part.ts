/**
 * What is right of a table that extends another one, so that what shows only beside that one (rows that are removed,
 * features, places) is told together with mistakes in its shape. What is wrong stands in for itself by something harmless,
 * so that all others keep their places; of it nothing more is told.
 */
import { isGroup, type Path, valueAt } from '../../mistakes/written.ts'
import { type Extension, extensionSchema } from './schema.ts'

/** Undefined when nothing can be made of it. `mistaken`: the paths of what is wrong. */
export function rightExtension(value: unknown, mistaken: readonly Path[]): Extension | undefined {
  if (!isGroup(value)) return undefined
  const right: Record<PropertyKey, unknown> = { ...value }
  for (const [section = '', index] of mistaken) {
    const members = right[section]
    if (typeof index === 'number' && Array.isArray(members)) {
      right[section] = members.map((member: unknown, at) =>
        at === index ? harmless(section, member) : member,
      )
    } else {
      delete right[section]
    }
  }
  // These say only what it is called.
  const { success, data } = extensionSchema.safeParse({
    extends: 'any',
    ...right,
    name: 'any',
    version: '1.0.0',
  })
  return success ? data : undefined
}

/** A row keeps its key, beside which others may be put. */
function harmless(section: string | number, member: unknown): unknown {
  if (section !== 'fields' && section !== 'device') return '-'
  const key = valueAt(member, ['key'])
  return { key: typeof key === 'string' ? key : 'msg', from: { constant: '-' } }
}
