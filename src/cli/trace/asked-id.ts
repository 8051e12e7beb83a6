/** The id of a mail that is asked for, and how it is found in the bytes of a log. */
import { trimBlanks } from '../../records/fields.ts'

/** Shorter, it would be found everywhere. */
const fewestCharacters = 6

export interface AskedId {
  /** Without `<>` and what else may have been copied with it. */
  readonly text: string
  /** Finds all of it in bytes as latin1, also where quotes in it are doubled; more than the id may be found. */
  readonly pattern: RegExp
  /** Whether a value of a column is it: `<>` and case are no matter, as in Exchange. */
  is(value: string): boolean
}

/** Takes what was typed or pasted: an id with or without `<>` or `{}`, or the header line of it; null when it is too short. */
export function askedId(given: string): AskedId | null {
  const text = bare(given.replace(/^\s*(?:message-id|x-ms-exchange-\S*network-message-id)\s*:/i, ''))
  if (text.length < fewestCharacters) return null
  const folded = text.toLowerCase()
  const bytes = Buffer.from(text).toString('latin1')
  const source = bytes.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/(["'])/g, '$1{1,2}')
  return {
    text,
    pattern: new RegExp(source, 'gi'),
    is: (value) => bare(value).toLowerCase() === folded,
  }
}

/** `<a@x>` and `{guid}` as what stands within. */
export function bare(text: string): string {
  const trimmed = trimBlanks(text.trim())
  return /^<[^<>]*>$|^\{[\da-f-]*\}$/i.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed
}
