/** Ids of logs, by which positions are kept: `source/name#date`. The date in its head tells a log from another of its name. */
import type { Position, Positions } from './chunk.ts'

/** The id of a log of a source; `stamp` is the first date in it. */
export function fileId(source: string, name: string, stamp: string): string {
  return `${source}/${name}#${stamp}`
}

/** The file name within an id of this source; null for an id of another one, or of no file. */
export function nameInId(source: string, id: string): string | null {
  const start = source.length + 1
  const end = id.lastIndexOf('#')
  return end > start && id.startsWith(`${source}/`) ? id.slice(start, end) : null
}

/** The source in an id; empty for an id of none. */
export function sourceIn(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('/')))
}

const none: Positions = new Map()

/** Tells the positions of each source: there may be thousands of sources, and of each many positions. */
export function positionsBySource(positions: Positions): (source: string) => Positions {
  const bySource = new Map<string, Map<string, Position>>()
  for (const [id, position] of positions) {
    const source = sourceIn(id)
    const own = bySource.get(source)
    if (own === undefined) bySource.set(source, new Map([[id, position]]))
    else own.set(id, position)
  }
  return (source) => bySource.get(source) ?? none
}
