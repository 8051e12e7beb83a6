/** What is wrong with the form of a YAML text, in words for the person who wrote it; never with a secret in them. */
import { type Document, type LineCounter, visit, type YAMLError } from 'yaml'
import type { Problem } from './problem.ts'
import type { Words } from './words.ts'

/** Far more aliases, and levels of aliases within what aliases stand for, than anyone needs. */
const mostAliases = 1000
const mostLevels = 5

/** Mistakes in the form of a document; `place` gives the file, line and column of an offset. */
export function mistakesOfForm(
  name: string,
  text: string,
  { errors, warnings }: Pick<Document, 'errors' | 'warnings'>,
  lines: LineCounter,
): readonly Problem[] {
  const told = new Set<string>()
  return [...errors, ...warnings]
    .sort((a, b) => a.pos[0] - b.pos[0])
    .flatMap((error): Problem[] => {
      const { line, col } = lines.linePos(placeOf(error, text))
      // What follows in the same line follows from the first; a depth that is too great is told once.
      const about = error.code === 'RESOURCE_EXHAUSTION' ? error.code : String(line)
      if (told.has(about)) return []
      told.add(about)
      return [{ where: { file: name, line, column: col }, ...wordsFor(error, text, col) }]
    })
}

/** They are about one value, or one name: all around them is read as it was meant. */
const ofOneValue: readonly string[] = [
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'DUPLICATE_KEY',
  'TAG_RESOLVE_FAILED',
] satisfies readonly YAMLError['code'][]

/** Whether nothing but what they are about was mistaken because of mistakes in the form. */
export function leaveTheRest({ errors, warnings }: Pick<Document, 'errors' | 'warnings'>): boolean {
  return [...errors, ...warnings].every(({ code }) => ofOneValue.includes(code))
}

/** Aliases that stand for nothing, for what they stand in, or for aliases of aliases of aliases. */
export function mistakesOfAliases(name: string, document: Document, lines: LineCounter): readonly Problem[] {
  const problems: Problem[] = []
  /** How many levels of aliases are within a node. */
  const levels = new Map<unknown, number>()
  let count = 0
  visit(document, {
    Alias(_key, alias, path) {
      const source = alias.resolve(document)
      const level = 1 + (levels.get(source) ?? 0)
      for (const node of path) levels.set(node, Math.max(levels.get(node) ?? 0, level))
      const isTooMuch = ++count > mostAliases || level > mostLevels
      const words = isTooMuch ? tooManyAliases : wordsForAlias(alias.source, source, path)
      if (words === undefined) return undefined
      const { line, col } = lines.linePos(alias.range?.[0] ?? 0)
      problems.push({ where: { file: name, line, column: col }, ...words })
      return isTooMuch ? visit.BREAK : undefined
    },
  })
  return problems
}

function wordsForAlias(name: string, source: unknown, path: readonly unknown[]): Words | undefined {
  if (source === undefined) {
    return {
      message: `*${name} refers to nothing: no &${name} stands before it`,
      remedy: `put a text that begins with * in single quotes: '*${name}'`,
    }
  }
  if (path.includes(source)) {
    return { message: `*${name} stands within what it refers to`, remedy: 'write out what is meant' }
  }
  return undefined
}

/** What an alias stands for grows with each alias in it, without end in sight. */
export const tooManyAliases: Words = {
  message: 'has aliases (*name) that together stand for far more than is written',
  remedy: 'write out what is meant',
}

export const noName: Words = {
  message: 'no name stands in front of the colon',
  remedy: 'write that of a setting there; a name that is ~ or null is put in quotes',
}

export const tooDeep: Words = {
  message: 'is nested too deeply',
  remedy: 'no setting is that deep: check the brackets',
}

/** What is indented wrongly is found at the blanks in front of it. */
function placeOf({ code, pos: [offset] }: YAMLError, text: string): number {
  const isBlank = code === 'BAD_INDENT' || code === 'MISSING_CHAR'
  return isBlank ? offset + (/^ */.exec(text.slice(offset, offset + 1000))?.[0].length ?? 0) : offset
}

function wordsFor({ code, message, pos: [offset] }: YAMLError, text: string, column: number): Words {
  switch (code) {
    case 'BAD_DQ_ESCAPE':
      return badEscape(text, offset)
    case 'DUPLICATE_KEY':
      return {
        message: `${keyAt(text, offset)} stands twice in this group`,
        remedy: 'remove one of the two; only one of them could hold',
      }
    case 'TAB_AS_INDENT':
      return { message: 'a tab stands in the indentation', remedy: 'indent with spaces' }
    case 'BAD_INDENT':
      return message.startsWith('Flow') ? notClosed(message.at(-1)) : badIndent(column)
    case 'MISSING_CHAR':
      if (message.startsWith('Sequence item')) return badIndent(column)
      if (message.startsWith('Missing closing')) {
        return {
          message: 'a text in quotes, which began further up, is not closed',
          remedy: `close it with ${message.slice(16, 17)}`,
        }
      }
      return { message: 'is neither a setting nor a part of one', remedy: 'write it as "name: value"' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      // Where the line has but one, it was read together with one before or behind it.
      if (colonsIn(text, offset) < 2) return doesNotFit
      return {
        message: 'a second colon with a blank or nothing behind it stands in one line',
        remedy: 'put a text that holds ": ", or ends in ":", in single quotes, or begin a new line',
      }
    case 'BAD_SCALAR_START':
      return { message: `a text may not begin with ${text[offset]}`, remedy: 'put it in single quotes' }
    case 'MULTIPLE_DOCS':
      return { message: 'a second document begins here', remedy: 'remove the line ---, or all behind it' }
    case 'TAG_RESOLVE_FAILED':
      return {
        message: 'has a tag (!…) that means nothing here',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
        remedy: 'remove it; ${env:NAME} and ${file:/path} bring in values from elsewhere',
      }
    case 'RESOURCE_EXHAUSTION':
      return tooDeep
    default:
      return { message: `is no YAML: ${message}`, remedy: 'check the quotes, brackets and indentation here' }
  }
}

/** The usual one: a Windows path in double quotes. It is shown as it should be; any other text may be secret. */
function badEscape(text: string, offset: number): Words {
  const start = text.lastIndexOf('\n', offset) + 1
  const [line = ''] = text.slice(start).split('\n', 1)
  const quoted = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
  const inside = quoted.find(({ index, 0: whole }) => offset - start < index + whole.length)?.[1] ?? ''
  const isPath = /^(?:[a-z]:\\|\\\\)[^"]*$/i.test(inside)
  return {
    message: 'in double quotes \\ begins an escape, and this one is none',
    remedy: isPath
      ? `write it in single quotes: '${inside.replaceAll("'", "''")}'`
      : 'write it in single quotes, where \\ is only a backslash',
  }
}

function badIndent(column: number): Words {
  return {
    message: `begins in column ${column}, where nothing around it begins`,
    remedy: 'begin all settings of a group, and all dashes of a list, in the same column',
  }
}

const doesNotFit: Words = {
  message: 'this line, or the next, begins where nothing around it begins',
  remedy: 'begin all settings of a group, and all dashes of a list, in the same column',
}

/** How many names of settings the line seems to have. */
function colonsIn(text: string, offset: number): number {
  const [line = ''] = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)
  return line.match(/:(?=\s|$)/g)?.length ?? 0
}

function notClosed(bracket = ']'): Words {
  const what = bracket === '}' ? 'a group in { … }' : 'a list in [ … ]'
  return {
    message: `${what} is not closed`,
    remedy: `close it with ${bracket}, or indent what belongs to it`,
  }
}

function keyAt(text: string, offset: number): string {
  return /^(?:"[^"\n]*"|'[^'\n]*'|[^\s:,{}[\]]+)/.exec(text.slice(offset, offset + 100))?.[0] ?? 'a setting'
}
