/** Packages that `npm run package` has made: what tests of them have in common. */
import { readdirSync } from 'node:fs'
import path from 'node:path'

const folder = process.env.MSGTRK_PACKAGES ?? path.join(import.meta.dirname, '../../packages')

/** The one whose name ends so; where there is none, what is missing. */
export function packageFile(ending: string): string {
  const found = namesIn(folder).find((name) => name.startsWith('msgtrk') && name.endsWith(ending))
  return path.join(folder, found ?? `msgtrk-VERSION${ending}`)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
