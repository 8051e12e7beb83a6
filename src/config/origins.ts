/** Where each setting that is in force comes from. */
import type { Place } from '../mistakes/place.ts'
import { type Path, valueAt } from '../mistakes/written.ts'
import type { Insertion } from './references.ts'

/** A default may be one that was made of other settings, as names of sources are. */
export type Origin =
  | {
      readonly from: 'written'
      readonly where: Place
      /** The text as it was written, where it has references; what they brought in is not shown. */
      readonly reference?: unknown
    }
  | { readonly from: 'preset'; readonly preset: string }
  | { readonly from: 'default' }

/** The same configuration at its stages. */
interface Stages {
  /** As it stands in the file. */
  readonly written: unknown
  /** With presets and references put in. */
  readonly filled: unknown
  readonly insertions: readonly Insertion[]
  readonly placeOf: (path: Path) => Place
}

/** Says it of any setting, by its path. */
export function originsIn({ written, filled, insertions, placeOf }: Stages): (path: Path) => Origin {
  return (path) => {
    const text = valueAt(written, path)
    if (text !== undefined && text !== null) {
      const isReference = insertions.some((one) => isSame(one.path, path))
      return { from: 'written', where: placeOf(path), ...(isReference && { reference: text }) }
    }
    const [list = '', index = 0] = path
    const preset = valueAt(filled, [list, index, 'preset'])
    return valueAt(filled, path) !== undefined && list === 'destinations' && typeof preset === 'string'
      ? { from: 'preset', preset }
      : { from: 'default' }
  }
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, depth) => key === other[depth])
}
