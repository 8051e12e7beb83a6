import type { Layout } from '../types.ts'

/** Where a column (lower case) stands in the rows of a log, -1 if it has none; the log's own case is no matter. */
export function columnIndex(layout: Layout, name: string): number {
  return layout.columns.findIndex((column) => column.toLowerCase() === name)
}
