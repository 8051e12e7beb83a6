/**
 * A configuration as it was written, for others to see: what may be secret in it is left out. References stay as they are.
 * By the schema, not by what values look like:
 *
 *   at a secret setting   only a reference is shown
 *   at no setting         nothing is shown: a mistyped `passphrse` is as secret as what was meant
 *   comments              nothing is shown: what was tried and put aside stands there
 */
import { isAlias, isMap, isNode, isScalar, isSeq, Lexer, type Node, parseDocument } from 'yaml'
import { schemasAt } from '../mistakes/of-settings.ts'
import type { Path } from '../mistakes/written.ts'
import { isTooDeep } from '../mistakes/yaml-depth.ts'
import { configJsonSchema } from './schema.ts'
import { isSecret } from './secrets.ts'

/** What is shown in place of a value. */
export const notShown = '(not shown)'

export interface AsWritten {
  readonly text: string
  /** Settings whose values were left out, by their paths. */
  readonly hidden: readonly string[]
  /** Those values that stood at secret settings, to be looked for elsewhere. */
  readonly secrets: readonly string[]
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Null when the form of the text is so wrong that nobody knows which of it is secret. */
export function asWritten(text: string): AsWritten | null {
  if (isTooDeep(text)) return null
  // A key that is there twice is a mistake; both values are looked at.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
  if (document.errors.length > 0) return null
  const schema = configJsonSchema()
  const edits = new Map<number, Edit>()
  const hidden = new Set<string>()
  const secrets = new Set<string>()

  /** `isHidden`: what stands above it is not shown. */
  const walk = (node: unknown, path: Path, isHidden: boolean): void => {
    if (!isNode(node)) return
    const isSecretHere = isSecret(path)
    const hides = isHidden || isSecretHere || schemasAt(schema, path).length === 0
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : ''
        if (isNode(key) && !isScalar(key)) hide(key, edits, notShown)
        walk(value, [...path, name], hides)
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) walk(item, [...path, index], hides)
    } else if (isAlias(node)) {
      const target = hides ? node.resolve(document) : undefined
      if (target !== undefined) walk(target, path, true)
    } else if (isScalar(node) && node.value !== null) {
      const value = String(node.value)
      if (!hides && !hasPassword(value)) return
      if (hides && !isHidden && isSecretHere && isReference(value)) return
      hide(node, edits, hides ? notShown : value.replace(password, `//${notShown}@`))
      hidden.add(path.join('.'))
      if (isSecretHere || value.length >= 8) secrets.add(value)
    }
  }
  walk(document.contents, [], false)
  const values = [...edits.values()]
  for (const comment of commentsIn(text)) {
    // One behind the | of a text goes with it.
    const isWithin = values.some(({ start, end }) => comment.start >= start && comment.end <= end)
    if (!isWithin) edits.set(comment.start, comment)
  }
  let shown = text
  for (const { start, end, text: other } of [...edits.values()].sort((a, b) => b.start - a.start)) {
    shown = shown.slice(0, start) + other + shown.slice(end)
  }
  return { text: shown, hidden: [...hidden], secrets: [...secrets] }
}

/** What stands before the @ of an address. */
const password = /\/\/[^/\s]*@/g

function hasPassword(value: string): boolean {
  return value.search(password) >= 0
}

/** Of a reference beside other text, that may be a part of the secret. */
function isReference(value: string): boolean {
  return /^\$\{(?:env|file):[^{}]*\}$/.test(value)
}

function hide(node: Node, edits: Map<number, Edit>, text: string): void {
  const [start, end] = node.range ?? [0, 0]
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
  edits.set(start, { start, end, text: `${JSON.stringify(text)}${isBlock ? '\n' : ''}` })
}

/** Marks of the lexer that stand for nothing in the text. */
const marks = new Set(['\u0002', '\u0018', '\u001f'])

function* commentsIn(text: string): Generator<Edit> {
  let start = 0
  let isScalarNext = false
  for (const token of new Lexer().lex(text)) {
    if (marks.has(token)) {
      isScalarNext = token === '\u001f'
      continue
    }
    const end = start + token.length
    if (token.startsWith('#') && !isScalarNext) yield { start, end, text: `# ${notShown}` }
    isScalarNext = false
    start = end
  }
}
