/**
 * What test files spend their time on, told by what they import: those for after each change do nothing but work of
 * their own, and those that wait for something leave the processors to others meanwhile.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Sockets, processes, threads, timers, and looking again and again. */
const waiting =
  /from 'node:(?:net|tls|dgram|https?|child_process|worker_threads)'|\bset(?:Timeout|Interval)\b|\b(?:expect\.poll|vi\.waitFor|vi\.waitUntil)\b/

/** Many random inputs, thousands of rows that are made up, all pages of the documentation, and the other compiler. */
const making =
  /from '[^']*\/scripts\/pages\.ts'|from 'fast-check'|from '[^']*\/simulate\/(?:rows|simulator)\.ts'|from 'assemblyscript[^']*'/

const known = new Map<RegExp, Map<string, boolean>>([waiting, making].map((pattern) => [pattern, new Map()]))

/** Whether a file of `test/`, or what it imports of there, opens sockets, starts something, sets timers or polls. */
export function isWaiting(file: string): boolean {
  return isOfProgram(file) || reaches(file, waiting)
}

/** Whether it is one of the program as a whole. */
export function isOfProgram(file: string): boolean {
  return /^test[\\/](?:faults|integration)[\\/]/.test(file)
}

/** Whether it neither waits nor makes much. */
export function isQuick(file: string): boolean {
  return !isWaiting(file) && !reaches(file, making)
}

function reaches(file: string, pattern: RegExp): boolean {
  const found = known.get(pattern) as Map<string, boolean>
  const before = found.get(file)
  if (before !== undefined) return before
  found.set(file, false)
  const text = readFileSync(file, 'utf8')
  const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, name]) =>
    path.join(path.dirname(file), name!),
  )
  const inTests = imported.filter((name) => name.startsWith(`test${path.sep}`) && existsSync(name))
  const does = pattern.test(text) || inTests.some((name) => reaches(name, pattern))
  found.set(file, does)
  return does
}
