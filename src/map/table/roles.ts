/** Who stands on a side of a record, as conditions ask for it: `role of client-ip`. */
import type { Column } from '../../records/layouts.ts'

/**
 * The server that wrote the row, another host, this same server once more, or one that can't be told; `itself` is
 * only told apart where a condition names one of `other` and `itself` alone.
 */
export const roles = ['writer', 'other', 'itself', 'unknown'] as const

export type Role = (typeof roles)[number]

/** The columns that have a role. */
const columnsWithRole = ['client-ip', 'client-hostname', 'server-ip', 'server-hostname'] as const

/** As a condition writes it. */
export const rolePattern = `role of (?:${columnsWithRole.join('|')})`

const prefix = 'role of '

/** The column whose role this is; null for another name. */
export function roleColumn(name: string): Column | null {
  return columnsWithRole.find((column) => name === prefix + column) ?? null
}
