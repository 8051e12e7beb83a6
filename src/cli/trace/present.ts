/** What was found of a mail, for people. */

import { counted } from '../../mistakes/counted.ts'
import { visible } from '../../mistakes/visible.ts'
import { size } from '../../status/words.ts'
import { type Fate, words } from '../fate/fate.ts'
import { textTable } from '../terminal/table.ts'
import type { AskedId } from './asked-id.ts'
import type { RelatedId } from './related.ts'
import type { Mention, TracedRow } from './rows.ts'

/** A row, and what became of it by destination; none without a configuration. */
export interface FatedRow extends TracedRow<unknown> {
  readonly fates: ReadonlyMap<string, Fate>
}

/** All that a search gave. */
export interface Trace {
  readonly id: AskedId
  /** In order of time; lines that are no records behind them. */
  readonly rows: readonly FatedRow[]
  readonly mentions: readonly Mention[]
  readonly related: readonly RelatedId[]
  readonly destinations: readonly string[]
  /** Names a configuration for `explain`, as it was given. */
  readonly config: string | undefined
  readonly notes: readonly string[]
  /** Folders of the sources, and what was named besides, as they were given. */
  readonly places: readonly string[]
  readonly searched: { readonly files: number; readonly bytes: number; readonly seconds: number }
}

/** Rows of which all is shown; a mail to thousands may have as many. */
const mostRows = 200

/** As text; `width` of the terminal. */
export function traceText(trace: Trace, width?: number): string {
  const { rows, searched, notes } = trace
  const { files, bytes, seconds } = searched
  const looked = `Looked at ${size(bytes)} in ${counted(files, 'log')} within ${seconds.toFixed(1)} s.\n`
  const told = notes.map((note) => `${visible(note)}\n`).join('')
  if (rows.length === 0) return `${nothingFound(trace, width)}\n${looked}`
  const shown = rows.slice(0, mostRows)
  const others = rows.length - shown.length
  const parts = [
    headline(trace),
    rowTable(trace, shown, width) + (others > 0 ? `… and ${others} more; --json has all\n` : ''),
    reasons(trace, shown, width),
    lines(trace, shown, width),
    relatedText(trace, width),
    `${told}${looked}`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function headline({ id, rows }: Trace): string {
  const files = new Set(rows.map(({ path }) => path)).size
  return `${visible(id.text)}: ${counted(rows.length, 'row')} in ${counted(files, 'log')}\n`
}

function rowTable({ destinations }: Trace, rows: readonly FatedRow[], width: number | undefined): string {
  const head = ['#', 'time', 'server', 'event', ...destinations]
  const cells = rows.map(({ time, server, event, malformed, fates }, index) => [
    String(index + 1),
    time,
    server,
    malformed === null ? event : '(no record)',
    ...destinations.map((name) => words[fates.get(name)?.kind ?? 'unknown']),
  ])
  return textTable([head, ...cells], { width, gap: ' ' })
}

/** Why, for each destination: rows of the same reason together. */
function reasons({ destinations }: Trace, rows: readonly FatedRow[], width: number | undefined): string {
  return destinations
    .map((name) => {
      const by = new Map<string, number[]>()
      for (const [index, { fates }] of rows.entries()) {
        const fate = fates.get(name)
        if (fate === undefined || fate.why === '') continue
        const text = `${words[fate.kind]}: ${fate.why}`
        by.set(text, [...(by.get(text) ?? []), index + 1])
      }
      if (by.size === 0) return ''
      const table = [...by].map(([why, numbers]) => [`  ${ranges(numbers)}`, why])
      return `${visible(name)}\n${textTable(table, { width })}`
    })
    .filter((text) => text !== '')
    .join('')
}

/** Numbers that rise, as `1-3, 7`. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else runs.push([number, number])
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
}

/** FILE:LINE of each is not broken, so that it can be copied. */
function lines(
  { config, destinations }: Trace,
  rows: readonly FatedRow[],
  width: number | undefined,
): string {
  const digits = String(rows.length).length
  const each = rows.map(({ path, line, source, event, sender, recipients, malformed }, index) => {
    const [first = '', ...others] = recipients
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const about =
      malformed === null ? `${source} ${event}  ${sender} → ${first}${more}` : `no record: ${malformed}`
    const number = String(index + 1).padStart(digits)
    return `${textTable([[number, about]], { width })}${' '.repeat(digits + 2)}${visible(`${path}:${line}`)}\n`
  })
  const [first = '', ...others] = destinations
  const destination = others.length === 0 ? '' : ` --destination ${first}`
  const how = config === undefined ? '' : ` --config ${config}${destination}`
  const command = `msgtrk explain${visible(how)} FILE:LINE`
  return `Each row explained, and its event as it is sent, by\n  ${command}\n${each.join('')}`
}

function relatedText({ related }: Trace, width: number | undefined): string {
  if (related.length === 0) return ''
  const rows = related.flatMap(({ id, why }) => [[`  ${id}`], [`    ${why}`]])
  return `Ids that may help, too:\n${rows.map(([text = '']) => wrapped(text, width)).join('')}`
}

/** An id stays in one line; what is said of it is broken between words. */
function wrapped(text: string, width: number | undefined): string {
  const indent = /^ */.exec(text)?.[0] ?? ''
  if (!text.trim().includes(' ')) return `${visible(text)}\n`
  return textTable([[indent.slice(2), text.trim()]], { width })
}

function nothingFound({ id, mentions, places, config }: Trace, width: number | undefined): string {
  const none = `No row of ${visible(id.text)}.\n`
  if (mentions.length === 0) {
    const searched = places.map((place) => `  ${visible(place)}\n`).join('')
    const more =
      config === undefined
        ? 'name its folder with --from, too'
        : 'add --from with its folder, which tells the row and whether a source reads it'
    const remedy = `Where its log may be elsewhere, or under another name, ${more}. Else it was deleted or never written: compare the oldest log there with the day of the mail, and the folders with the servers that it came through.`
    return `${none}\nSearched:\n${searched}\n${textTable([[remedy]], { width })}`
  }
  const near = mentions.map(({ path, line, column, id: near, messageId }) => {
    const what = near === '' ? `in ${column} of ${messageId || 'a row without a message-id'}` : near
    return `${wrapped(`  ${what}`, width)}    ${visible(`${path}:${line}`)}\n`
  })
  return `${none}\nIt is found in these, all of which is needed to trace them:\n${near.join('')}`
}
