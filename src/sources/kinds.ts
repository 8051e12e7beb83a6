/** All kinds of sources, and which of them a source is. */
import type { Group } from '../mistakes/written.ts'
import { folder } from './folder/kind.ts'
import { kafka } from './kafka/kind.ts'
import type { Kind } from './kind.ts'

/** In the order in which people are told of them. A new kind is a folder, and a line here. */
const all = [folder, kafka] as const

// Each is given only sources of its own.
export const kinds = all as readonly Kind[] as readonly Kind<never>[]

/** Any of them, with the types of its own settings. */
export type OwnKind = (typeof all)[number]

/** The kind of a source whose settings were checked. */
export function kindOf(source: object): Kind<never> {
  const kind = kindMeantBy(source as Group)
  if (kind === undefined) throw new TypeError('a source of no kind')
  return kind
}

/** The kind of which the setting was written that says where it reads, whatever is wrong with it. */
export function kindMeantBy(written: Group): Kind<never> | undefined {
  return kinds.find(({ where }) => written[where] !== undefined && written[where] !== null)
}
