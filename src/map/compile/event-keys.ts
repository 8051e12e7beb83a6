/** Which keys events have, for receivers that have to be told them. */

import type { AdditionalStyle } from '../options.ts'
import type { Dictionary } from '../table/dictionary.ts'
import { nameOf } from '../table/extend.ts'
import type { MappingTable } from '../table/load.ts'
import { additionalKey } from './compile.ts'

/** Additional data that no table names: see added-values.ts. */
const addedNames = ['log-id', 'raw-event']

/** Every key that an event by one of these tables may have, in order: those of the standard, ours, additional data. */
export function eventKeys(
  tables: readonly MappingTable[],
  dictionary: Dictionary,
  additionalData: AdditionalStyle,
): readonly string[] {
  const additional = tables.flatMap(({ content }) => {
    const overflows = [...content.fields, ...content.device].flatMap(({ overflow }) => overflow ?? [])
    const names = [...content.additional.map(nameOf), ...overflows, ...addedNames]
    return names.flatMap((name) => additionalKey(name, content, { additionalData }) ?? [])
  })
  return [...new Set([...dictionary.keys.keys(), '_cefVer', ...additional])]
}
