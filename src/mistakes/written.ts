/** Ways through what a person wrote, of which nothing is known yet: it may be of any shape. */

/** The names and indices on the way to a setting. */
export type Path = readonly (string | number)[]

/** A path as zod gives it: what was written has no symbols. */
export function pathOf(keys: readonly PropertyKey[]): Path {
  return keys.map((key) => (typeof key === 'number' ? key : String(key)))
}

/** Settings by name, as YAML writes `name: value` pairs. */
export type Group = Readonly<Record<PropertyKey, unknown>>

/** True for a group; a list is none. */
export function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands at a path, through groups and lists; undefined when nothing does. */
export function valueAt(written: unknown, path: Path): unknown {
  let value = written
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Group)[key]
  }
  return value
}

/** The group with `value` at a path of names; what stands on the way and is no group makes place for one. */
export function withValue(group: Group, [first = '', ...rest]: Path, value: unknown): Group {
  if (rest.length === 0) return { ...group, [first]: value }
  const inner = group[first]
  return { ...group, [first]: withValue(isGroup(inner) ? inner : {}, rest, value) }
}

/** `written` without what stands at the path, if anything does. */
export function without(written: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined || valueAt(written, [first]) === undefined) return written
  if (Array.isArray(written)) {
    const members: readonly unknown[] = written
    return rest.length === 0
      ? members.filter((_, index) => index !== first)
      : members.map((member, index) => (index === first ? without(member, rest) : member))
  }
  const { [first]: value, ...others } = written as Group
  return rest.length === 0 ? others : { ...(written as Group), [first]: without(value, rest) }
}
