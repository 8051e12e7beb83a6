/** File name patterns: `*`, `?`, `[a-z]`, `[!a-z]` and `{one,two}`, without regard to case. */

import { compileSources, sourceWithSets } from '../../mistakes/glob.ts'
import { holdsUnseen, unseenInPath } from '../../mistakes/path-setting.ts'
import type { Pattern } from '../../mistakes/pattern.ts'
import type { Words } from '../../mistakes/words.ts'

const maxAlternatives = 64

/** What is wrong with a pattern; null when it is fine. */
export function globProblem(pattern: string): Words | null {
  if (pattern === '') return { message: 'is empty', remedy: 'write for example MSGTRK*.LOG' }
  if (holdsUnseen(pattern)) return unseenInPath
  if (/[/\\]/.test(pattern))
    return {
      message: 'is matched against names within the folder',
      remedy: 'put the path into folder, and only the name into pattern',
    }
  const alternatives = expandBraces(pattern)
  if (alternatives === null)
    return { message: 'a { has no } (or holds another {)', remedy: 'write {one,two}' }
  if (alternatives.length > maxAlternatives)
    return { message: `has more than ${maxAlternatives} alternatives`, remedy: 'use * instead of some' }
  if (alternatives.some((alternative) => sourceWithSets(alternative) === null))
    return { message: 'a [ has no ]', remedy: 'close it, as in [a-z]' }
  return null
}

/** What stands before and behind the only `*` of a pattern that holds nothing else of its own, as MSGTRK*.LOG. */
const plain = /^([^*?[\]{}]*)\*([^*?[\]{}]*)$/

/** Compiles a pattern that `globProblem` finds fine into a test of file names, when there is a first one to test. */
export function compileGlob(pattern: string): (name: string) => boolean {
  const [, before, behind] = plain.exec(pattern.toLowerCase()) ?? []
  // No start has to wait for an engine of regular expressions to tell this.
  if (before !== undefined && behind !== undefined) {
    return (name) => {
      const lower = name.toLowerCase()
      return (
        lower.length >= before.length + behind.length && lower.startsWith(before) && lower.endsWith(behind)
      )
    }
  }
  let compiled: Pattern | undefined
  return (name) => {
    compiled ??= compileSources(
      (expandBraces(pattern.toLowerCase()) ?? []).map((alternative) => sourceWithSets(alternative) ?? ''),
    )
    return compiled.test(name.toLowerCase())
  }
}

function expandBraces(pattern: string): string[] | null {
  const open = pattern.indexOf('{')
  if (open < 0) return [pattern]
  const close = pattern.indexOf('}', open)
  if (close < 0 || pattern.slice(open + 1, close).includes('{')) return null
  const rests = expandBraces(pattern.slice(close + 1))
  if (rests === null) return null
  const choices = pattern.slice(open + 1, close).split(',')
  // Cut off before the product grows: one over the limit is enough to be refused.
  return choices
    .flatMap((choice) => rests.map((rest) => pattern.slice(0, open) + choice + rest))
    .slice(0, maxAlternatives + 1)
}
