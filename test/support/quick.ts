/** Which unit tests are for after each change: those whose time is their own work, told by what their files import. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Sockets, processes, threads, waiting, many random inputs, thousands of rows that are made up, all pages of the documentation,
 * and the other compiler.
 */
const slow =
  /from '[^']*\/scripts\/pages\.ts'|from 'node:(?:net|tls|dgram|https?|child_process|worker_threads)'|from 'fast-check'|from '[^']*\/simulate\/(?:rows|simulator)\.ts'|from 'assemblyscript[^']*'|\bset(?:Timeout|Interval)\b/

const known = new Map<string, boolean>()

/** Whether neither a file of `test/` nor what it imports of there opens sockets, starts something, waits or makes much. */
export function isQuick(file: string): boolean {
  const before = known.get(file)
  if (before !== undefined) return before
  known.set(file, true)
  const text = readFileSync(file, 'utf8')
  const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, name]) =>
    path.join(path.dirname(file), name!),
  )
  const inTests = imported.filter((name) => name.startsWith(`test${path.sep}`) && existsSync(name))
  const quick = !slow.test(text) && inTests.every(isQuick)
  known.set(file, quick)
  return quick
}
