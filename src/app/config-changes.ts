/** What differs between two configurations, by the names of its settings; a value is never told, it may be secret. */
import type { Config } from '../config/schema.ts'

/** SHA-256 of the files that something was made of, by path. It may stand for a secret: it is kept and never told. */
export type FileDigests = ReadonlyMap<string, string>

/** Names of the settings of the program, its sources and its destinations that differ, such as `sources.EX01.folder`. */
export function changedSettings(before: Config, after: Config): readonly string[] {
  return [
    ...changedIn(before.state, after.state, 'state'),
    ...changedIn(before.log, after.log, 'log'),
    ...changedIn(before.deadLetters, after.deadLetters, 'deadLetters'),
    ...changedIn(before.http, after.http, 'http'),
    ...changedIn(byName(before.sources), byName(after.sources), 'sources'),
    ...changedIn(byName(before.destinations), byName(after.destinations), 'destinations'),
  ]
}

/** Files whose content differs although they are named as before. */
export function changedFiles(before: FileDigests, after: FileDigests): readonly string[] {
  return [...after].flatMap(([path, digest]) =>
    before.has(path) && before.get(path) !== digest ? [`content of ${path}`] : [],
  )
}

/** Whether two values of settings are the same. */
export function isSameValue(one: unknown, other: unknown): boolean {
  return changedIn(one, other, '').length === 0
}

function byName<T extends { readonly name: string }>(members: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(members.map((member) => [member.name, member]))
}

function changedIn(before: unknown, after: unknown, at: string): readonly string[] {
  if (before === after) return []
  if (isKey(before) && isKey(after)) return before.equals(after) ? [] : [at]
  if (Array.isArray(before) && Array.isArray(after)) {
    const isSame =
      before.length === after.length && before.every((each, index) => isSameValue(each, after[index]))
    return isSame ? [] : [at]
  }
  if (before instanceof Map && after instanceof Map) {
    return changedIn(Object.fromEntries(before), Object.fromEntries(after), at)
  }
  if (!isPlain(before) || !isPlain(after)) return [at]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => changedIn(before[name], after[name], `${at}.${name}`))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** Keys are held so that nothing shows them. */
function isKey(value: unknown): value is { equals(other: unknown): boolean } {
  return (
    typeof value === 'object' && value !== null && 'equals' in value && typeof value.equals === 'function'
  )
}
