/** Tables for a terminal: cells in columns, whatever stands in them. */
import { visible } from '../../mistakes/visible.ts'

/** Rows as lines, each column as wide as its widest cell. A cell is shortened to `maxCell` characters. */
export function textTable(rows: readonly (readonly string[])[], maxCell = Number.POSITIVE_INFINITY): string {
  const cells = rows.map((row) => row.map((cell) => shorten(visible(cell), maxCell)))
  const widths: number[] = []
  for (const row of cells) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  }
  const line = (row: readonly string[]) =>
    row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')
  return cells.map((row) => `${line(row).trimEnd()}\n`).join('')
}

function shorten(text: string, maxCell: number): string {
  return text.length <= maxCell ? text : `${text.slice(0, maxCell - 1)}…`
}
