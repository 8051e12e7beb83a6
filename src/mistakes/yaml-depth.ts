/** How deep a YAML text is nested, before it is parsed: the parser calls itself for each level. */
import { Lexer } from 'yaml'

/** Levels of groups and lists: settings have a few, and what has many more was not written by a person. */
const deepest = 100

/** Tokens that stand for nothing in the text. */
const markers = ['\u0002', '\u0018', '\u001f', '\ufeff']

/** Whether the text is nested so deeply that it can be no settings. */
export function isTooDeep(text: string): boolean {
  /** Where the groups and lists begin that the current line is in. */
  const columns: number[] = []
  let brackets = 0
  let column = 0
  let isFirst = true
  for (const token of new Lexer().lex(text)) {
    if (markers.includes(token)) continue
    if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets--
    const isBlank = token.trim() === ''
    if (isFirst && !isBlank && brackets === 0) {
      while ((columns.at(-1) ?? -1) >= column) columns.pop()
      columns.push(column)
    }
    if (columns.length + brackets > deepest) return true
    // A dash may have another dash, or a setting, behind it.
    isFirst = token.endsWith('\n') || (isFirst && (isBlank || token === '-' || token === '?'))
    const lineEnd = token.lastIndexOf('\n')
    column = lineEnd < 0 ? column + token.length : token.length - lineEnd - 1
  }
  return false
}
