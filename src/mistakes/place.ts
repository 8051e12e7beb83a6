/** Where a mistake stands, as plain data that JSON carries as it is; only `formatPlace` makes a text of it. */
import type { Path } from './written.ts'

export type Place = InFile | OfSetting | OfOption | OfArgument

/** A file or a folder, or what stands in a file. */
export interface InFile {
  /** Its path, or what a stream is called: `standard input`. */
  readonly file: string
  /** From 1, as the column. */
  readonly line?: number
  readonly column?: number
  /** Offset from the start of the file, where it has no lines to speak of. */
  readonly byte?: number
  /** The setting in the file, which begins in that line. */
  readonly setting?: Path
}

/** A setting of the part that found the mistake, by the names on the way to it: who knows where it was written puts that place there. */
export interface OfSetting {
  readonly setting: Path
}

/** An option of the command line. */
interface OfOption {
  readonly option: string
  /** Another one that it has to do with. */
  readonly and?: string
}

/** What was given on the command line besides options, in a word for people: a name, an address, `value 3`. */
interface OfArgument {
  readonly argument: string
}

/** `msgtrk.yaml:12 destinations.0.to`, `MSGTRK.LOG, byte 812`, `tls.ca`, `--to`. */
export function formatPlace(place: Place): string {
  if ('option' in place) return place.and === undefined ? place.option : `${place.option}, ${place.and}`
  if ('argument' in place) return place.argument
  if (!('file' in place)) return pathText(place.setting)
  const { file, line, column, byte, setting = [] } = place
  const at = [line, column].flatMap((number) => (number === undefined ? [] : `:${number}`))
  const where = `${file}${at.join('')}${byte === undefined ? '' : `, byte ${byte}`}`
  return setting.length === 0 ? where : `${where} ${pathText(setting)}`
}

function pathText(setting: Path): string {
  return setting.map((name) => (name === '' ? "''" : name)).join('.')
}

/** Whether only the part that found a mistake knows what the place means: nobody has said yet where it was written. */
export function isUnplaced(place: Place): place is OfSetting {
  return 'setting' in place && !('file' in place)
}
