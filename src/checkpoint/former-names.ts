/** Positions of sources that were called otherwise before: they go on under the new name. */
import type { Position, Positions } from '../flow/chunk.ts'

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
    const source = position.fileId.slice(0, position.fileId.indexOf('/'))
    const name = renamed.get(source)
    const fileId = `${name}${position.fileId.slice(source.length)}`
    return name === undefined || positions.has(fileId) ? position : { ...position, fileId }
  })
  return new Map(moved.map((position) => [position.fileId, position]))
}
