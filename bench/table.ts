/** What was measured, as a table. */

/** One line of the table; `met` is null where there is no target. */
export interface Row {
  readonly what: string
  readonly target: string
  readonly measured: string
  readonly ratio: string
  readonly met: boolean | null
}

/** The table in Markdown, aligned so that it can be read as it is. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [
    ['what', 'target', 'measured (median)', 'ratio', 'met?'],
    ...rows.map(({ what, target, measured, ratio, met }) => [
      ...[what, target, measured, ratio],
      met === null ? '' : met ? 'yes' : 'NO',
    ]),
  ]
  const widths = (cells[0] as string[]).map((_, column) =>
    Math.max(...cells.map((line) => [...(line[column] as string)].length)),
  )
  const lines = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`,
  )
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

/** A number with few enough digits to be read. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)
}
