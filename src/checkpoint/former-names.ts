/** What is kept of sources and destinations that were called otherwise before: it goes on under the new name. */

import { access, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Position, Positions } from '../flow/chunk.ts'
import { sourceIn } from '../flow/file-id.ts'

/** A source that may have been called otherwise. */
export interface Renamed {
  readonly name: string
  readonly formerName?: string | undefined
}

/** Positions under a former name of a source as those of its name now; what stands under that already is newer. */
export function underNewNames(positions: Positions, sources: readonly Renamed[]): Positions {
  const renamed = new Map(
    sources.flatMap(({ name, formerName }) => (formerName === undefined ? [] : [[formerName, name]])),
  )
  if (renamed.size === 0) return positions
  const moved = [...positions.values()].map((position): Position => {
    const source = sourceIn(position.fileId)
    const name = renamed.get(source)
    const fileId = `${name}${position.fileId.slice(source.length)}`
    return name === undefined || positions.has(fileId) ? position : { ...position, fileId }
  })
  return new Map(moved.map((position) => [position.fileId, position]))
}

/** What the state folder has of the destination `before` is that of `name` from now on, unless that has positions. */
export async function takeOver(state: string, before: string, name: string): Promise<void> {
  const positions = (destination: string) => join(state, destination, 'positions.json')
  if ((await isThere(positions(name))) || !(await isThere(positions(before)))) return
  if (await isThere(join(state, name))) {
    await rename(positions(before), positions(name))
  } else {
    await rename(join(state, before), join(state, name))
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
