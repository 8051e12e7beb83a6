/** The rows of one mail in one log, found by the bytes of its id; and what else holds them. */
import type { Chunk } from '../../flow/chunk.ts'
import type { Parsed, Records } from '../../flow/records.ts'
import { decode } from '../../formats/decode.ts'
import { createParser } from '../../parse/parser.ts'
import { fieldText, trimBlanks } from '../../records/fields.ts'
import { type Column, columnIndex } from '../../records/layouts.ts'
import { splitList } from '../../records/list.ts'
import { rowAt, sidesOf, writerOf } from '../../records/writer.ts'
import { fileBytes } from '../../tail/bytes/file-chunks.ts'
import { textOf } from '../inputs/texts.ts'
import { type AskedId, bare } from './asked-id.ts'
import { lineNumbers, linesWith } from './search.ts'

/** A row that is of the mail, or a line with its id that is no record. */
export interface TracedRow<Judged> {
  readonly path: string
  /** In the text of the file, which is not the file itself where that is packed. */
  readonly offset: number
  readonly end: number
  readonly isWhole: boolean
  readonly line: number
  /** As it stands in the log, as all below; empty without one. */
  readonly time: string
  readonly server: string
  readonly source: string
  readonly event: string
  readonly sender: string
  readonly recipients: readonly string[]
  readonly messageId: string
  readonly networkMessageId: string
  readonly references: readonly string[]
  /** Why it is no record; null for a record. */
  readonly malformed: string | null
  readonly judged: Judged | null
}

/** Where else the id was found: in an id of which it is a part, or in another column. */
export interface Mention {
  readonly path: string
  readonly line: number
  readonly column: string
  /** The id that holds it; empty where it stands in another column. */
  readonly id: string
  /** The mail of that row. */
  readonly messageId: string
}

export interface FoundInFile<Judged> {
  readonly rows: readonly TracedRow<Judged>[]
  readonly mentions: readonly Mention[]
}

/** Enough to see what was meant, in one file and in all of them. */
const mostMentions = 5
const idColumns = ['message-id', 'network-message-id', 'internal-message-id'] as const

/** How files are searched. */
export interface RowSearch<Judged> {
  readonly id: AskedId
  readonly stop: AbortSignal
  /** What is to be known of a row besides, as long as its fields are at hand. */
  readonly judge: (records: Records, row: number) => Judged
  readonly onBytes?: (bytes: number) => void
}

/**
 * Finds the rows of the mail in a file, whatever it is packed in or exported as. Rejects with the system's error when the
 * file can't be read, and with a `ProblemsError` when it is no log.
 */
export function rowFinder<Judged>(search: RowSearch<Judged>): (file: string) => Promise<FoundInFile<Judged>> {
  const { id, onBytes, stop } = search
  const parse = createParser()
  return async (file) => {
    const rows: Unnumbered<TracedRow<Judged>>[] = []
    let mentions: readonly Unnumbered<Mention>[] = []
    const take = (chunk: Chunk, isWhole: boolean): void => {
      const found = readLine(
        parse(chunk),
        { path: file, offset: chunk.start, end: chunk.end, isWhole },
        search,
      )
      rows.push(...found.rows)
      mentions = nearest([...mentions, ...found.mentions])
    }
    const { pieces, kind } = await decode(fileBytes(file), file)
    if (kind === null) {
      const options = { file, pieces, pattern: id.pattern, ...(onBytes && { onBytes }) }
      for await (const { offset, bytes, layout, header, isWhole } of linesWith(options)) {
        stop.throwIfAborted()
        // Once enough is known of what is only like it.
        if (mentions.length >= mostMentions && !standsAlone(bytes.toString('latin1'), id.pattern)) continue
        const log = { id: file, source: '', path: file }
        const end = offset + bytes.length
        take({ file: log, layout, header, start: offset, end, bytes, malformed: [] }, isWhole)
      }
    } else {
      for await (const _ of pieces) break // which closes the file
      for await (const chunk of textOf(file, stop).chunks({ oneByOne: true })) take(chunk, true)
    }
    return { rows: await numbered(file, rows), mentions: await numbered(file, mentions) }
  }
}

/** Of many mentions those to show: of each id, or column of a mail, one. */
export function nearest<Found extends Omit<Mention, 'line'>>(mentions: readonly Found[]): readonly Found[] {
  const keyOf = ({ id, column, messageId }: Found) => id || `${column} ${messageId}`
  const each = new Map(mentions.toReversed().map((mention) => [keyOf(mention), mention]))
  return [...each.values()].reverse().slice(0, mostMentions)
}

type Unnumbered<Found> = Omit<Found, 'line'> & { readonly offset: number }

async function numbered<Found>(file: string, found: readonly Unnumbered<Found>[]): Promise<readonly Found[]> {
  if (found.length === 0) return []
  const { pieces } = await decode(fileBytes(file), file)
  const lines = await lineNumbers(
    pieces,
    found.map(({ offset }) => offset),
  )
  return found.map((one, index) => ({ ...one, line: lines[index] ?? 0 }) as Found)
}

/** Whether the id is found with what may stand beside one: without it, it is only a part of something. */
function standsAlone(line: string, pattern: RegExp): boolean {
  pattern.lastIndex = 0
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const end = match.index + match[0].length
    const around = `${line[match.index - 1] ?? ','}${line[end] ?? ','}`
    if (/^[\s,;<{"'][\s,;>}"']$/.test(around)) return true
  }
  return false
}

/** Of one line. */
function readLine<Judged>(
  { runs, malformed }: Parsed,
  place: Pick<TracedRow<Judged>, 'path' | 'offset' | 'end' | 'isWhole'>,
  { id, judge }: RowSearch<Judged>,
): {
  readonly rows: readonly Unnumbered<TracedRow<Judged>>[]
  readonly mentions: readonly Unnumbered<Mention>[]
} {
  const rows: Unnumbered<TracedRow<Judged>>[] = []
  const mentions: Unnumbered<Mention>[] = []
  for (const records of runs) {
    for (let row = 0; row < records.count; row++) {
      const text = textsOf(records, row)
      const own = idColumns.find((name) => id.is(text(name)))
      const references = splitList(text('reference')).map(bare)
      if (own !== undefined) {
        rows.push({
          ...place,
          ...described(records, row, text),
          references,
          malformed: null,
          judged: judge(records, row),
        })
        continue
      }
      const mention = mentionIn(records, row, id)
      const { path, offset } = place
      if (mention !== null) mentions.push({ path, offset, ...mention, messageId: bare(text('message-id')) })
    }
  }
  for (const { reason, line } of malformed) {
    if (!standsAlone(Buffer.from(line).toString('latin1'), id.pattern)) continue
    rows.push({ ...place, ...nothing, malformed: reason, judged: null })
  }
  return { rows, mentions }
}

const nothing = {
  time: '', server: '', source: '', event: '', sender: '', recipients: [], messageId: '', networkMessageId: '', references: [],
} // biome-ignore format: a list of words

type TextOf = (name: Column) => string

function textsOf(records: Records, row: number): TextOf {
  return (name) => {
    const column = columnIndex(records.layout, name)
    return column < 0 ? '' : trimBlanks(fieldText(records, row, column))
  }
}

function described(records: Records, row: number, text: TextOf) {
  const sides = sidesOf(records.layout)
  const writer = writerOf(rowAt(records, row, sides), sides)
  const isClient = writer === 'client' || writer === 'receiver'
  return {
    time: text('date-time'),
    server: writer === null ? '' : text(isClient ? 'client-hostname' : 'server-hostname'),
    source: text('source'),
    event: text('event-id'),
    sender: text('sender-address'),
    recipients: splitList(text('recipient-address')),
    messageId: bare(text('message-id')),
    networkMessageId: text('network-message-id'),
  }
}

/** Where in a row of another mail the id stands. */
function mentionIn(
  records: Records,
  row: number,
  { pattern, is }: AskedId,
): Pick<Mention, 'column' | 'id'> | null {
  const isId = (name: string) => idColumns.some((one) => one === name)
  const columns = records.layout.columns.map((column, index) => ({ name: column.toLowerCase(), index }))
  // An id that it is a part of says most.
  for (const { name, index } of columns.sort((a, b) => Number(isId(b.name)) - Number(isId(a.name)))) {
    const value = fieldText(records, row, index)
    pattern.lastIndex = 0
    if (!pattern.test(Buffer.from(value).toString('latin1'))) continue
    const isReference = name === 'reference' && splitList(value).some(is)
    return { column: isReference ? 'reference' : name, id: isId(name) ? bare(value) : '' }
  }
  return null
}
