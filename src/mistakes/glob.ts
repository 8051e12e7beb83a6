/**
 * Globs for whole texts: `*` is any text and `?` any one character; in names of files `[a-z]` is one of these characters
 * and `[!a-z]` any other, while values of records hold brackets themselves (decision 25). They become regular expressions
 * of `pattern.ts`, and so take linear time.
 */
import { RE2JS } from 're2js'
import { compilePattern, compileSource, type Pattern } from './pattern.ts'

/** Compiles a glob without sets. */
export function compileGlob(glob: string, options: { readonly ignoreCase?: boolean } = {}): Pattern {
  return compilePattern(`(?s)^${sourceOf(glob, /\*+|\?|[^*?]+/y)}$`, options)
}

/** The source of a glob with sets; null when a [ has no ]. A ] that stands first in a set is a member of it. */
export function sourceWithSets(glob: string): string | null {
  return sourceOf(glob, /\*+|\?|\[(?:([!^])|(?![!^]))(.[^\]]*)\]|[^*?[]+/sy)
}

/** Compiles what `sourceWithSets` made of globs: one of them has to fit. */
export function compileSources(sources: readonly string[]): Pattern {
  return compileSource(`(?s)^(?:${sources.join('|')})$`)
}

/** Null when `part` fits nothing at some place. */
function sourceOf(glob: string, part: RegExp): string | null {
  let source = ''
  for (part.lastIndex = 0; part.lastIndex < glob.length; ) {
    const [whole, negation, members] = part.exec(glob) ?? []
    if (whole === undefined) return null
    if (members !== undefined) source += setOf(members, negation !== undefined)
    else if (whole.startsWith('*')) source += '.*'
    else source += whole === '?' ? '.' : RE2JS.quote(whole)
  }
  return source
}

function setOf(members: string, isNegated: boolean): string {
  const characters = Array.from(members)
  let ranges = ''
  for (let at = 0; at < characters.length; at++) {
    const from = characters[at] as string
    const to = characters[at + 1] === '-' ? characters[at + 2] : undefined
    if (to !== undefined) at += 2
    // One that ends before it begins has no characters.
    if ((to ?? from) >= from) ranges += `${codeOf(from)}-${codeOf(to ?? from)}`
  }
  if (ranges === '') return isNegated ? '.' : '[^\\x{0}-\\x{10FFFF}]'
  return `[${isNegated ? '^' : ''}${ranges}]`
}

function codeOf(character: string): string {
  return `\\x{${character.codePointAt(0)?.toString(16)}}`
}
