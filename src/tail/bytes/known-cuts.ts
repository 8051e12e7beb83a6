/** Where one read was cut, for all who have it: its lines are looked for once. */
import type { Layout, LogFile } from '../../flow/chunk.ts'
import { type Cursor, type Cut, cut, type Read } from './cut.ts'

/** A read holds a few chunks, unless headers come one after the other in it. */
const mostKnown = 8

type Place = Pick<Cursor, 'offset' | 'header' | 'layout' | 'seenEnd'>

interface KnownCut {
  readonly from: Place
  readonly isFinal: boolean
  readonly to: Place
  readonly cut: Cut
}

/** The cuts of one read. */
export class KnownCuts {
  readonly #number: number
  readonly #known: KnownCut[] = []

  /** `number`: that of the read. */
  constructor(number: number) {
    this.#number = number
  }

  /** As `cut`: `bytes` are those of the read from `cursor` on, always as many. */
  cut(bytes: Buffer, read: Read, file: LogFile, cursor: Cursor): Cut | null {
    const { isFinal } = read
    const known = this.#known.find((each) => each.isFinal === isFinal && isSamePlace(each.from, cursor))
    if (known !== undefined) {
      Object.assign(cursor, known.to)
      const { chunk, isAtEnd } = known.cut
      return { chunk: chunk && { ...chunk, file }, isAtEnd }
    }
    const from = placeOf(cursor)
    const found = cut(bytes, read, file, cursor)
    if (found === null) return null
    const chunk = found.chunk && { ...found.chunk, read: this.#number }
    this.#known.push({ from, isFinal, to: placeOf(cursor), cut: { ...found, chunk } })
    if (this.#known.length > mostKnown) this.#known.shift()
    return { ...found, chunk }
  }
}

function placeOf({ offset, header, layout, seenEnd }: Readonly<Cursor>): Place {
  return { offset, header, layout, seenEnd }
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.offset === other.offset && one.header === other.header && isSameLayout(one.layout, other.layout)
}

/** A layout is what its header block says. */
function isSameLayout(one: Layout | null | undefined, other: Layout | null | undefined): boolean {
  return one === other || (!!one && !!other && Buffer.compare(one.header, other.header) === 0)
}
