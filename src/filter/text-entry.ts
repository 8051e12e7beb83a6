/** How a setting asks for a text: exactly, with `*` and `?`, or with a regular expression between slashes. */
import { compileGlob } from '../mistakes/glob.ts'
import { compilePattern, type Pattern } from '../mistakes/pattern.ts'
import { Mistaken, type Words } from '../mistakes/words.ts'
import type { ByteTest } from '../records/members.ts'
import { anyOf, endsWith, equalsOneOf } from './byte-test.ts'

/** A test for values that any of the entries asks for, in any case; throws a `Mistaken` for a wrong pattern. */
export function compileTexts(entries: readonly string[]): ByteTest {
  const exact = entries.filter((entry) => !isPattern(entry))
  const patterns = entries.filter(isPattern).map(compileEntry)
  return anyOf([
    ...(exact.length > 0 ? [equalsOneOf(exact)] : []),
    ...patterns.map(
      (pattern): ByteTest =>
        (bytes, start, end) =>
          pattern.test(bytes.toString('utf8', start, end)),
    ),
  ])
}

/** As `compileTexts`, for addresses: `@contoso.com` asks for all of a domain. */
export function compileAddresses(entries: readonly string[]): ByteTest {
  const domains = entries.filter((entry) => entry.startsWith('@'))
  const others = entries.filter((entry) => !entry.startsWith('@'))
  const literal = domains.filter((entry) => !isPattern(entry))
  const globs = domains.filter(isPattern).map((entry) => `*${entry}`)
  return anyOf([...literal.map(endsWith), ...texts([...others, ...globs])])
}

function texts(entries: readonly string[]): readonly ByteTest[] {
  return entries.length > 0 ? [compileTexts(entries)] : []
}

/** What is wrong with an entry; null when it is fine. */
export function textProblem(entry: string): Words | null {
  if (entry.trim() === '') return { message: 'is empty', remedy: 'leave it out' }
  if (!isPattern(entry)) return null
  try {
    compileEntry(entry)
    return null
  } catch (error) {
    if (!(error instanceof Mistaken)) throw error
    return error.words
  }
}

/** As `textProblem`, for addresses. */
export function addressProblem(entry: string): Words | null {
  if (entry === '@') return { message: 'has no domain', remedy: 'write @contoso.com' }
  if (/^[\w.-]+$/.test(entry))
    return {
      message: 'is no address',
      remedy: 'write @contoso.com for a domain, or *word* for a part of an address',
    }
  return textProblem(entry)
}

function isPattern(entry: string): boolean {
  return isExpression(entry) || /[*?]/.test(entry)
}

function isExpression(entry: string): boolean {
  return entry.length > 1 && entry.startsWith('/') && entry.endsWith('/')
}

function compileEntry(entry: string): Pattern {
  if (!isExpression(entry)) return compileGlob(entry, { ignoreCase: true })
  return compilePattern(entry.slice(1, -1), { ignoreCase: true })
}
