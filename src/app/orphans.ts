/** Positions of destinations and sources that the configuration does not have: nobody goes on from them. */

import { readdir } from 'node:fs/promises'
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config } from '../config/schema.ts'
import type { Position } from '../flow/chunk.ts'
import { sourceIn } from '../flow/file-id.ts'
import type { Log } from '../flow/log.ts'
import { formatPlace } from '../mistakes/place.ts'

/** Says them as doubts: they may be left from a name that was changed, or from what is no longer followed. */
export async function tellOrphans(config: Config, log: Log): Promise<void> {
  const { state, sources, destinations, placeOf } = config
  const sourcesIn = await sourcesWithPositions(state)
  const names = new Set(namesOf(destinations))
  const setting = formatPlace(placeOf(['state']))
  const tell = (kind: string, name: string) => {
    log.warn(`Positions of a ${kind} that is not in the configuration: ${name}`, {
      setting,
      remedy: `write formerName: ${name} where it was renamed; or forget them: msgtrk state reset --state ${state} --${kind} ${name}`,
    })
  }
  for (const [destination, each] of sourcesIn) {
    if (each.length > 0 && !names.has(destination)) tell('destination', destination)
  }
  const followed = new Set(namesOf(sources))
  const left = destinations.flatMap(({ name }) => sourcesIn.get(name) ?? [])
  for (const source of new Set(left)) if (!followed.has(source)) tell('source', source)
}

/** What they are called, and were called before. */
function namesOf(
  all: readonly { readonly name: string; readonly formerName?: string | undefined }[],
): readonly string[] {
  return all.flatMap(({ name, formerName }) => (formerName === undefined ? [name] : [name, formerName]))
}

/** The sources of the positions of each destination; what can't be read, a start says and refuses. */
async function sourcesWithPositions(state: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = await readdir(state, { withFileTypes: true }).catch(() => [])
  const found = entries
    .filter((entry) => entry.isDirectory())
    .map(async ({ name }) => {
      const positions = await createCheckpoint(checkpointPath(state, name), [])
        .load()
        .catch(() => new Map<string, Position>())
      return [name, [...positions.keys()].map(sourceIn)] as const
    })
  return new Map(await Promise.all(found))
}
