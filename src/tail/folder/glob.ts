/**
 * File name patterns: `*`, `?`, `[a-z]`, `[!a-z]` and `{one,two}`, without regard to case. The matcher goes
 * back to the last star only, so its time is bounded by name × pattern whatever the pattern looks like.
 */

import { holdsUnseen, unseenInPath } from '../../mistakes/path-setting.ts'
import type { Words } from '../../mistakes/words.ts'

/** A star, or a test of one character. */
type Token = '*' | ((character: string) => boolean)

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
  if (alternatives.some((alternative) => tokenize(alternative) === null))
    return { message: 'a [ has no ]', remedy: 'close it, as in [a-z]' }
  return null
}

/** Compiles a pattern that `globProblem` finds fine into a test of file names. */
export function compileGlob(pattern: string): (name: string) => boolean {
  const alternatives = (expandBraces(pattern.toLowerCase()) ?? []).map((each) => tokenize(each) ?? [])
  return (name) => {
    const lower = name.toLowerCase()
    return alternatives.some((tokens) => matches(tokens, lower))
  }
}

function matches(tokens: readonly Token[], name: string): boolean {
  let token = 0
  let at = 0
  let star = -1
  let starAt = 0
  while (at < name.length) {
    const current = tokens[token]
    if (current === '*') {
      star = token++
      starAt = at
    } else if (current?.(name[at] as string)) {
      token++
      at++
    } else if (star >= 0) {
      // The last star takes one character more; earlier stars need never be reconsidered.
      token = star + 1
      at = ++starAt
    } else return false
  }
  while (tokens[token] === '*') token++
  return token === tokens.length
}

function tokenize(pattern: string): Token[] | null {
  const tokens: Token[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string
    if (character === '*') tokens.push('*')
    else if (character === '?') tokens.push(() => true)
    else if (character === '[') {
      const negate = pattern[at + 1] === '!' || pattern[at + 1] === '^'
      const from = at + (negate ? 2 : 1)
      const close = pattern.indexOf(']', from + 1) // a ] that stands first is itself a member
      if (close < 0) return null
      const isMember = characterClass(pattern.slice(from, close))
      tokens.push((each) => isMember(each) !== negate)
      at = close
    } else tokens.push((each) => each === character)
  }
  return tokens
}

function characterClass(members: string): (character: string) => boolean {
  const ranges: [string, string][] = []
  for (let at = 0; at < members.length; at++) {
    const from = members[at] as string
    const to = members[at + 1] === '-' ? members[at + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) at += 2
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to)
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
