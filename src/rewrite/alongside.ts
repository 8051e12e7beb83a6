/** Lists that run parallel to the recipients of a row: what of them belongs to which recipient. */
import { splitList } from '../records/list.ts'

/** A list beside `count` recipients. */
export interface Alongside {
  /** One for each recipient, in their order; null when the list does not have as many. */
  readonly members: readonly string[] | null
  /** What stands for all recipients then: the only member, or the whole list since nobody can tell whose is whose. */
  readonly shared: string
}

/** Reads the text of a list that stands beside `count` recipients. */
export function alongside(text: string, count: number): Alongside {
  const members = splitList(text)
  const found = members.length === count ? members : groupBraces(members)
  if (found.length === count) return { members: found, shared: text }
  const [only = ''] = found
  return { members: null, shared: found.length === 1 ? only : text }
}

/**
 * A failure is `[{LED=550 5.1.1 …};{MSG=…};{FQDN=…}]`. Where its semicolons were not wrapped it came apart, and
 * is put together again; with one that has no end, the members stay as they are.
 */
function groupBraces(members: readonly string[]): readonly string[] {
  const groups: string[] = []
  let open: string[] | undefined
  for (const member of members) {
    if (open === undefined && !member.startsWith('[{')) groups.push(member)
    else {
      open ??= []
      open.push(member)
      if (!member.endsWith('}]')) continue
      groups.push(open.join(';'))
      open = undefined
    }
  }
  return open === undefined ? groups : members
}
