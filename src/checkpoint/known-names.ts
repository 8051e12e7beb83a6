/**
 * What the names stood for under which positions are kept, so that a name that was changed can be told from a new one.
 * A file of JSON in the state folder; it holds no positions, so one that is missing or damaged only leaves that untold.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const contentsSchema = z.object({
  version: z.literal(1),
  sources: z.record(z.string(), z.object({ folder: z.string(), pattern: z.string() })),
  destinations: z.record(z.string(), z.object({ to: z.string() })),
})

/** Folder of each source and address of each destination that was ever worked for. */
export type KnownNames = Omit<z.output<typeof contentsSchema>, 'version'>

/** No destination can have this name. */
const fileName = '.names.json'

/** What is known in the folder `state`. */
export async function readNames(state: string): Promise<KnownNames> {
  try {
    return contentsSchema.parse(JSON.parse(await readFile(join(state, fileName), 'utf8')))
  } catch {
    return { sources: {}, destinations: {} }
  }
}

/** Adds to it; rejects with the error of the disk. */
export async function saveNames(state: string, names: KnownNames): Promise<void> {
  const known = await readNames(state)
  const sources = { ...known.sources, ...names.sources }
  const destinations = { ...known.destinations, ...names.destinations }
  const path = join(state, fileName)
  const file = await open(`${path}.tmp`, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, sources, destinations }, null, 1)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.tmp`, path)
}
