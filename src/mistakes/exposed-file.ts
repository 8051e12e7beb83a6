/** Files with secrets that more people can read than should. */
import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'

const readableByOthers = 0o004
const searchableByOthers = 0o001

/**
 * The mode of a file that every user of the machine can read, such as `644`; undefined when some of the folders above
 * keep them out, when it can't be told, and on Windows, where modes say nothing.
 */
export function modeOfExposed(file: string): string | undefined {
  if (process.platform === 'win32') return undefined
  try {
    const real = realpathSync(file)
    const { mode } = statSync(real)
    if ((mode & readableByOthers) === 0) return undefined
    for (let folder = path.dirname(real); ; folder = path.dirname(folder)) {
      if ((statSync(folder).mode & searchableByOthers) === 0) return undefined
      if (folder === path.dirname(folder)) break
    }
    return (mode & 0o777).toString(8)
  } catch {
    // Whoever reads it tells why it can't be read.
    return undefined
  }
}
