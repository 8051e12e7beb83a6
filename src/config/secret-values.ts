/** The secrets that references of a configuration stand for, to be looked for where none may be. */
import { parse } from 'yaml'
import { expandReferences, type Surroundings } from './references.ts'
import { isSecret } from './secrets.ts'

/** None where the text can't be read. */
export async function secretValues(text: string, surroundings: Surroundings): Promise<readonly string[]> {
  let written: unknown
  try {
    written = parse(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  } catch {
    return []
  }
  const { insertions } = await expandReferences(written, surroundings)
  return insertions.filter(({ path }) => isSecret(path)).map(({ value }) => value)
}
