/** Ids of logs, by which positions are kept: `source/name#date`. The date in its head tells a log from another of its name. */
import type { Position, Positions } from './chunk.ts'

/** The id of a log of a source; `date` is the first one in it. */
export function fileId(source: string, name: string, date: string): string {
  return `${source}/${name}#${date}`
}

/** What the id of a log says. */
export interface LogName {
  readonly source: string
  readonly name: string
  /** Date in the head of the log, which tells it from another log of the same name. */
  readonly date: string
}

/** Takes an id apart; null for a mark of where a source began. */
export function logName(id: string): LogName | null {
  const slash = id.indexOf('/')
  const hash = id.lastIndexOf('#')
  if (slash < 0 || hash < slash) return null
  return {
    source: id.slice(0, slash),
    name: id.slice(slash + 1, hash),
    date: id.slice(hash + 1),
  }
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
