/** How a setting asks for a text: exactly, with `*` and `?`, or with a regular expression between slashes. */
import { compileGlob, compilePattern, type Pattern } from '../mistakes/pattern.ts'
import { anyOf, type ByteTest, endsWith, equalsOneOf } from './byte-test.ts'

/** A test for values that any of the entries asks for, in any case; throws an `Error` for a wrong pattern. */
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

/** What is wrong with an entry and the remedy; null when it is fine. */
export function textProblem(entry: string): string | null {
  if (entry.trim() === '') return 'is empty; leave it out'
  if (!isPattern(entry)) return null
  try {
    compileEntry(entry)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** As `textProblem`, for addresses. */
export function addressProblem(entry: string): string | null {
  if (entry === '@') return 'has no domain; write @contoso.com'
  if (/^[\w.-]+$/.test(entry))
    return 'is no address; write @contoso.com for a domain, or *word* for a part of an address'
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
