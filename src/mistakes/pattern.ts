/**
 * Regular expressions for text that others chose. The engine is RE2's: the time of a match grows with the length
 * of the text and of the program, never exponentially, whatever the pattern looks like. For that it has no
 * lookaround and no backreferences. Patterns that are harmless to any engine are left to the faster one of the language.
 */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'
import { steadyPattern } from './steady-pattern.ts'
import { Mistaken } from './words.ts'

/** A compiled pattern; it is looked for anywhere in the text unless it holds `^` and `$`. */
export interface Pattern {
  test(text: string): boolean
  /** The whole match, then its groups (undefined for one that took no part); null without a match. */
  exec(text: string): readonly (string | undefined)[] | null
}

const maxSourceLength = 1000
/** A short source can stand for a huge program, as `(\pL{500}x){9}` does; each letter of a text may visit all of it. */
const maxProgramSize = 1000

/**
 * Compiles a regular expression in RE2's syntax. Throws a `Mistaken`, worded to
 * follow the name of the setting: `is no regular expression: missing closing )`.
 */
export function compilePattern(source: string, options: { readonly ignoreCase?: boolean } = {}): Pattern {
  if (source === '') throw new Mistaken('is empty', 'give a regular expression')
  if (source.length > maxSourceLength)
    throw new Mistaken(
      `is longer than ${maxSourceLength} characters`,
      'write it shorter or as several patterns',
    )
  const compiled = compile(source, options.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0)
  if (compiled.programSize() > maxProgramSize)
    throw new Mistaken('is too large once its repetitions are written out', 'use smaller counts in {…}')
  const steady = options.ignoreCase === true ? null : steadyPattern(source)
  return steady ?? patternOf(compiled)
}

/** As `compilePattern`, without limits: for what the program itself has made of few settings. */
export function compileSource(source: string): Pattern {
  return patternOf(compile(source, 0))
}

function patternOf(compiled: RE2JS): Pattern {
  return {
    test: (text) => compiled.test(text),
    exec: (text) => {
      // Most texts don't match, and to see that is ten times as fast as to look for the groups.
      if (!compiled.test(text)) return null
      const matcher = compiled.matcher(text)
      if (!matcher.find()) return null
      return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined)
    },
  }
}

function compile(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw complaint(source, error)
  }
}

function complaint(source: string, error: RE2JSException): Mistaken {
  if (/\(\?<?[=!]/.test(source))
    return new Mistaken(
      'uses lookaround such as (?=…), which is not supported',
      'write it without, or as two conditions',
    )
  if (/\\(?:[1-9]|k)/.test(source))
    return new Mistaken(
      'uses a backreference such as \\1, which is not supported',
      'write out what it repeats',
    )
  const what =
    error instanceof RE2JSSyntaxException
      ? error.getDescription().replace('error parsing regexp: ', '')
      : error.message
  return new Mistaken(`is no regular expression: ${what}`)
}
