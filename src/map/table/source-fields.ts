/** Constants of sources, held against the CEF dictionary. */
import { isIP, isIPv4 } from 'node:net'
import { nearest } from '../../mistakes/nearest.ts'
import type { Problem } from '../../mistakes/problem.ts'
import type { CefVersion } from '../options.ts'
import type { Dictionary, DictionaryEntry } from './dictionary.ts'

/** A source as far as its constants go. */
interface FieldsOf {
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** Every mistake of the constants of these sources; `cefVersion`: the lowest that events are written in. */
export function checkSourceFields(
  sources: readonly FieldsOf[],
  dictionary: Dictionary,
  cefVersion: CefVersion,
): Problem[] {
  return sources.flatMap(({ fields = {} }, index) =>
    Object.entries(fields).flatMap(([key, text]): Problem[] => {
      const found = mistakeOf(key, text, fields, dictionary, cefVersion)
      if (found === null) return []
      const [message, remedy] = found
      return [{ where: { setting: ['sources', index, 'fields', key] }, message, remedy }]
    }),
  )
}

type Mistake = readonly [message: string, remedy: string]

function mistakeOf(
  key: string,
  text: string,
  fields: Readonly<Record<string, string>>,
  { keys }: Dictionary,
  cefVersion: CefVersion,
): Mistake | null {
  const entry = keys.get(key)
  if (entry === undefined) {
    const byName = [...keys.values()].find(({ name }) => name === key)
    const meant = byName?.key ?? nearest(key, keys.keys())
    const remedy =
      meant === undefined ? 'take a key of mappings/cef-dictionary.yaml' : `did you mean ${meant}?`
    return [`unknown CEF key ${key}`, remedy]
  }
  if (entry.since !== undefined && cefVersion === 0) {
    return [`${key} is new in CEF ${entry.since}`, 'set cefVersion to 1 for all destinations, or remove it']
  }
  const owner = [...keys.values()].find(({ label }) => label === key)
  if (owner !== undefined && fields[owner.key] === undefined) {
    return [`labels ${owner.key}, which has no value here`, `add ${owner.key}, or remove it`]
  }
  if (entry.label !== undefined && fields[entry.label] === undefined) {
    return ['is a custom key and has no label', `add ${entry.label} with what the value is`]
  }
  const length = Buffer.byteLength(text)
  if (entry.bytes !== undefined && length > entry.bytes) {
    return [`is ${length} bytes long; ${key} takes ${entry.bytes} at most`, 'shorten it']
  }
  return valueMistake(text, entry)
}

const int32 = 2n ** 31n - 1n
const int64 = 2n ** 63n - 1n

function valueMistake(text: string, { key, type }: DictionaryEntry): Mistake | null {
  switch (type) {
    case 'string':
      return null
    case 'integer':
    case 'long': {
      const max = type === 'integer' ? int32 : int64
      const isNumber = /^(0|[1-9]\d{0,18})$/.test(text) && BigInt(text) <= max
      return isNumber ? null : [`is no whole number that ${key} takes`, `write 0 to ${max}`]
    }
    case 'floating':
      return /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text) ? null : [`is no number`, 'write it as 1.5']
    case 'ipv4':
      return isIPv4(text) ? null : ['is no IPv4 address', `${key} takes one such as 192.0.2.1`]
    case 'ipv6':
      return isIP(text) === 6 ? null : ['is no IPv6 address', `${key} takes one such as 2001:db8::1`]
    case 'mac':
      return /^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/.test(text)
        ? null
        : ['is no MAC address', `${key} takes one such as 00:0D:60:AF:1B:61`]
    case 'timestamp':
      return [`${key} is a time, which is not the same for all records`, 'remove it']
  }
}
