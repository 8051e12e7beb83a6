/** Two mapping tables side by side: what only one has, and what both have otherwise. */
import { visible } from '../../mistakes/visible.ts'
import { textTable } from '../terminal/table.ts'
import type { MappingDescription, MappingRow } from './rows.ts'

/** `-` only in `a`, `+` only in `b`, `~` in both: as in `a`, and in the next line as in `b`; `width` of the terminal. */
export function compareMappings(a: MappingDescription, b: MappingDescription, width?: number): string {
  const lines = compare(partsOf(a), partsOf(b))
  const about = `${visible(a.id)} → ${visible(b.id)}`
  return lines.length === 0 ? `${about}: no difference\n` : `${about}\n\n${textTable(lines, { width })}`
}

type Parts = ReadonlyMap<string, string>

function compare(a: Parts, b: Parts): readonly (readonly string[])[] {
  const changed = [...a].flatMap(([name, text]) => {
    const other = b.get(name)
    if (other === undefined) return [['-', name, text]]
    return text === other
      ? []
      : [
          ['~', name, text],
          ['', '', `→ ${other}`],
        ]
  })
  const added = [...b].filter(([name]) => !a.has(name)).map(([name, text]) => ['+', name, text])
  return [...changed, ...added]
}

/** Everything a table says, by name. */
function partsOf({ facts, rows }: MappingDescription): Parts {
  return new Map([...facts, ...rows.map((row): [string, string] => [row.key, textOf(row)])])
}

function textOf({ from, as, when, label }: MappingRow): string {
  return [from, as, when, label === '' ? '' : `label "${label}"`].filter((part) => part !== '').join('; ')
}
