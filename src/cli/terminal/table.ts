/**
 * Tables for a terminal: cells in columns, whatever stands in them. Each column is as wide as its widest cell. Where
 * that is wider than the terminal, the wide columns give way and their cells go on in the next line, broken between
 * words as long as these fit.
 */
import { visible } from '../../mistakes/visible.ts'

export interface TableOptions {
  /** What is longer is cut to so many characters; not limited by default. */
  readonly maxCell?: number
  /** The first column whose cells are numbers: it and those behind it are aligned to the right. */
  readonly numbersFrom?: number
  /** What stands between columns; two blanks by default. */
  readonly gap?: string
  /** Characters in a line of the terminal; not limited by default. */
  readonly width?: number | undefined
}

/** Narrower, a column can't be read. */
const narrowest = 8

/** Rows as lines. */
export function textTable(
  rows: readonly (readonly string[])[],
  { maxCell = Infinity, numbersFrom = Infinity, gap = '  ', width = Infinity }: TableOptions = {},
): string {
  const cells = rows.map((row) => row.map((cell) => shorten(visible(cell), maxCell)))
  const widths = columnWidths(cells, width, gap.length)
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const columnWidth = widths[column] ?? 0
        return column < numbersFrom ? cell.padEnd(columnWidth) : cell.padStart(columnWidth)
      })
      .join(gap)
      .trimEnd()
  return cells.flatMap((row) => linesOf(row, widths).map((part) => `${line(part)}\n`)).join('')
}

/** As wide as what stands in them; where that is too wide for the terminal, as wide as goes. */
function columnWidths(cells: readonly (readonly string[])[], width: number, gap: number): readonly number[] {
  const columns = Math.max(0, ...cells.map((row) => row.length))
  const widest = (size: (cell: string) => number) =>
    Array.from({ length: columns }, (_, column) =>
      Math.max(0, ...cells.map((row) => size(row[column] ?? ''))),
    )
  const whole = widest((cell) => cell.length)
  const room = width - gap * (columns - 1)
  if (sum(whole) <= room) return whole
  const words = widest((cell) => Math.max(...cell.split(' ').map((word) => word.length)))
  // Words stay whole where there is room for the longest of each column.
  const least = sum(words) <= room ? words : whole.map((size) => Math.min(size, narrowest))
  // Too narrow for so many columns: the terminal breaks the lines as it likes.
  if (sum(least) > room) return whole
  const limited = (limit: number) =>
    whole.map((size, column) => Math.min(size, Math.max(limit, least[column] ?? 0)))
  let limit = 0
  while (sum(limited(limit + 1)) <= room) limit++
  return limited(limit)
}

/** The lines of a row. */
function linesOf(row: readonly string[], widths: readonly number[]): readonly (readonly string[])[] {
  const columns = row.map((cell, column) => broken(cell, widths[column] ?? 0))
  const count = Math.max(1, ...columns.map((lines) => lines.length))
  return Array.from({ length: count }, (_, index) => columns.map((lines) => lines[index] ?? ''))
}

/** A text in lines of `width` characters at most: broken at a blank, else behind a hyphen or the like, else anywhere. */
function broken(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const part = rest.slice(0, width)
    const blank = Math.max(0, rest.lastIndexOf(' ', width))
    const hyphen = /^.*[-;,.\\/]/.exec(part)?.[0].length
    const end = part.slice(0, blank).trim() === '' ? (hyphen ?? width) : blank
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}

function shorten(text: string, maxCell: number): string {
  return text.length <= maxCell ? text : `${text.slice(0, maxCell - 1)}…`
}
