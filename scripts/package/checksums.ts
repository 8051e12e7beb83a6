/** The checksums that stand beside what is published, as `sha256sum --check` takes them. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

export const checksumsFile = 'SHA256SUMS'

/** Writes those of these files of a folder into it, in the order of names; returns the text. */
export async function writeChecksums(folder: string, names: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    names.toSorted().map(async (name) => `${await sha256(path.join(folder, name))}  ${name}\n`),
  )
  await writeFile(path.join(folder, checksumsFile), lines.join(''))
  return lines.join('')
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}
