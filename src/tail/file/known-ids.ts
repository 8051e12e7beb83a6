/** What positions tell of files that were not looked at yet. */
import type { Positions } from '../../flow/chunk.ts'
import { nameInId } from '../../flow/file-id.ts'
import { compareFileOrder, type FileOrder, fileOrder } from '../folder/file-order.ts'

/** Name of the pseudo-file that says: the source begins at its end, which is not yet found of all its files. */
export const endingMark = 'end'

/** The ids of one source for which there are positions, by name and by prefix. */
export class KnownIds {
  /** Where reading began, as in `startAt`; null when nothing of the source is settled yet. */
  readonly begun: string | null
  /** Null where several files of that name were read, so that the name does not tell which one it is. */
  readonly #byName = new Map<string, string | null>()
  readonly #newest = new Map<string, FileOrder>()

  constructor(source: string, positions: Positions) {
    let mark: string | null = null
    let hasFiles = false
    for (const id of positions.keys()) {
      const name = nameInId(source, id)
      if (name === null) {
        mark = markIn(source, id) ?? mark
        continue
      }
      hasFiles = true
      this.#byName.set(name, this.#byName.has(name) ? null : id)
      const order = fileOrder(name)
      const newest = this.#newest.get(order.prefix)
      if (newest === undefined || compareFileOrder(order, newest) > 0) this.#newest.set(order.prefix, order)
    }
    this.begun = mark ?? (hasFiles ? 'beginning' : null)
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

/** What the id of a mark of this source says; null for any other id. See `begunMark`. */
function markIn(source: string, id: string): string | null {
  if (!id.startsWith(`${source}/`) || id.includes('#')) return null
  const name = id.slice(source.length + 1)
  return name === '' || name === endingMark ? 'end' : name
}

/** Where the reading of a source began, when that is not where `startAt` says now; null when it is. */
export function changedStart(source: string, startAt: string, positions: Positions): string | null {
  const { begun } = new KnownIds(source, positions)
  return begun === null || begun === instantOf(startAt) ? null : begun
}

function instantOf(startAt: string): string {
  return startAt === 'beginning' || startAt === 'end' ? startAt : new Date(startAt).toISOString()
}
