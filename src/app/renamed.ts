/**
 * Sources and destinations that were renamed, it seems: their positions stand under a name that is no longer there, and
 * a name that has none stands for the same folder or address. All their logs would be delivered again.
 */
import { access } from 'node:fs/promises'
import { type KnownNames, readNames, saveNames } from '../checkpoint/known-names.ts'
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config } from '../config/schema.ts'
import type { Positions } from '../flow/chunk.ts'
import type { Log } from '../flow/log.ts'
import { formatPlace } from '../mistakes/place.ts'
import type { Problem } from '../mistakes/problem.ts'
import { isFolder } from '../sources/options.ts'
import { KnownIds } from '../tail/file/known-ids.ts'

/** All of them, as mistakes at the settings in which they have their new names. */
export async function renamed(config: Config): Promise<readonly Problem[]> {
  const known = await readNames(config.state)
  return [...(await renamedSources(config, known)), ...(await renamedDestinations(config, known))]
}

/** Says them as doubts; how many there are. */
export async function tellRenamed(config: Config, log: Log): Promise<number> {
  const all = await renamed(config)
  for (const { where, message, remedy } of all) {
    log.warn(`A new name: ${message}`, { setting: formatPlace(where), remedy })
  }
  return all.length
}

/** Notes what the names stand for now. */
export async function noteNames({ state, sources, destinations }: Config, log: Log): Promise<void> {
  const names: KnownNames = {
    sources: Object.fromEntries(
      sources.filter(isFolder).map(({ name, folder, pattern }) => [name, { folder, pattern }]),
    ),
    destinations: Object.fromEntries(destinations.map(({ name, to }) => [name, { to }])),
  }
  try {
    await saveNames(state, names)
  } catch (error) {
    const remedy = 'make room or mend the rights; until then a renamed source or destination is not noticed'
    log.warn('What the names stand for can not be noted', { state, error: String(error), remedy })
  }
}

async function renamedSources(config: Config, known: KnownNames): Promise<readonly Problem[]> {
  const { state, sources, destinations, placeOf } = config
  const checkpoints = await Promise.all(
    destinations.map(async ({ name }) => ({
      name,
      // What is wrong with it a start says, and refuses.
      positions: await createCheckpoint(checkpointPath(state, name), sources)
        .load()
        .catch((): Positions => new Map()),
    })),
  )
  const present = new Set(sources.map(({ name }) => name))
  return sources.flatMap(({ name, folder, pattern }, index) => {
    const former = Object.entries(known.sources).filter(
      ([was, at]) => !present.has(was) && at.folder === folder && at.pattern === pattern,
    )
    return former.flatMap(([was]) => {
      const again = checkpoints.filter(
        ({ positions }) => hasBegun(was, positions) && !hasBegun(name, positions),
      )
      if (again.length === 0) return []
      const to = again.map((each) => each.name).join(', ')
      return [
        {
          where: placeOf(['sources', index, 'name']),
          message: `source ${name} reads the folder of ${was}, under which the positions stand; all of it is delivered again to ${to}`,
          remedy: `write formerName: ${was} beside it to go on from there, or name it ${was} again`,
        },
      ]
    })
  })
}

function hasBegun(source: string, positions: Positions): boolean {
  return new KnownIds(source, positions).begun !== null
}

async function renamedDestinations(config: Config, known: KnownNames): Promise<readonly Problem[]> {
  const { state, destinations, placeOf } = config
  const present = new Set(destinations.map(({ name }) => name))
  const found = destinations.map(async ({ name, to, formerName }, index): Promise<readonly Problem[]> => {
    if (await hasPositions(state, name)) return []
    const former = Object.keys(known.destinations).filter(
      (was) => !present.has(was) && was !== formerName && known.destinations[was]?.to === to,
    )
    const left = await Promise.all(former.map(async (was) => ((await hasPositions(state, was)) ? [was] : [])))
    return left.flat().map((was) => ({
      where: placeOf(['destinations', index, 'name']),
      message: `destination ${name} sends to where ${was} did, under which the positions stand; all logs are delivered again`,
      remedy: `write formerName: ${was} beside it to go on from there, or name it ${was} again`,
    }))
  })
  return (await Promise.all(found)).flat()
}

async function hasPositions(state: string, destination: string): Promise<boolean> {
  return access(checkpointPath(state, destination)).then(
    () => true,
    () => false,
  )
}
