/** Ids of files, and what the positions under them tell of files that were not looked at yet. */
import type { Positions } from '../types.ts'
import { compareFileOrder, type FileOrder, fileOrder } from './file-order.ts'

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

/** The ids of one source for which there are positions, by name and by prefix. */
export class KnownIds {
  /** Null where several files of that name were read, so that the name does not tell which one it is. */
  readonly #byName = new Map<string, string | null>()
  readonly #newest = new Map<string, FileOrder>()

  constructor(source: string, positions: Positions) {
    for (const id of positions.keys()) {
      const name = nameInId(source, id)
      if (name === null) continue
      this.#byName.set(name, this.#byName.has(name) ? null : id)
      const order = fileOrder(name)
      const newest = this.#newest.get(order.prefix)
      if (newest === undefined || compareFileOrder(order, newest) > 0) this.#newest.set(order.prefix, order)
    }
  }

  /** The id of the only file of that name with a position. */
  idOf(name: string): string | null {
    return this.#byName.get(name) ?? null
  }

  /** Names and ids of the newest file of each prefix: the last ones that were being read. */
  newest(): readonly { readonly name: string; readonly id: string | null }[] {
    return [...this.#newest.values()].map(({ name }) => ({ name, id: this.idOf(name) }))
  }

  /** True when a newer file of the prefix has a position: what comes before it was read to its end then. */
  hasNewer(order: FileOrder): boolean {
    const newest = this.#newest.get(order.prefix)
    return newest !== undefined && compareFileOrder(newest, order) > 0
  }
}
