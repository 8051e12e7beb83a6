/**
 * The dictionary and the built-in tables as the build has read and checked them: reading YAML would be a third of the
 * time a start takes. Run from source, as tests do, there is none, and they are read from `mappings/`.
 */
import { isSource, shippedText } from '../../package/files.ts'
import type { DictionaryContent } from './dictionary.ts'
import type { TableContent } from './schema.ts'

/** What the build leaves in `dist/built-ins.json`. */
export interface BuiltIns {
  readonly dictionary: DictionaryContent
  /** By id, such as `exchange-2013.v1`. */
  readonly tables: Readonly<
    Record<string, { readonly content: TableContent; readonly extends: string | null }>
  >
}

let builtIns: BuiltIns | null | undefined

/** Null when nothing was prepared. */
export function preparedBuiltIns(): BuiltIns | null {
  if (builtIns === undefined) builtIns = read()
  return builtIns
}

function read(): BuiltIns | null {
  return isSource ? null : (JSON.parse(shippedText('dist/built-ins.json')) as BuiltIns)
}
