/** Lists that run parallel to the recipients of a row: what of them belongs to which recipient. */
import { isUtf8 } from 'node:buffer'
import type { Records } from '../flow/records.ts'
import { FieldFlag } from '../records/fields.ts'
import { ListReader } from '../records/list-reader.ts'

const SEPARATOR = 0x3b
const QUOTE = 0x27
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** A list in a field of a row, from `start` to `end` of its bytes. */
export interface FieldList {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** Whether a `'` stands in it: without one, members that follow each other are a list as they stand. */
  readonly hasQuotes: boolean
  /** Whether a quote of CSV is doubled in it, and whether its bytes are text. */
  readonly hasDoubled: boolean
  readonly isText: boolean
  /** Whether failures that came apart are put together: see `elements`. */
  readonly isGrouped: boolean
  /** How many members it has then. */
  readonly count: number
}

/** The list in a field. */
export function listIn(records: Records, row: number, column: number): FieldList {
  const { bytes, layout, starts, ends, flags, validUtf8 } = records
  const index = row * layout.columns.length + column
  const start = starts[index] as number
  const end = ends[index] as number
  const found = flags[index] as number
  const hasDoubled = (found & FieldFlag.quote) !== 0
  const isText = validUtf8 || (found & FieldFlag.high) === 0 || isUtf8(bytes.subarray(start, end))
  const hasQuotes = includes(bytes, start, end, QUOTE)
  const list = { bytes, start, end, hasQuotes, hasDoubled, isText, isGrouped: false, count: 0 }
  return { ...list, count: hasQuotes ? countElements(list) : countPlain(list) }
}

/**
 * The same list as it stands beside `count` recipients. A failure is `[{LED=550 5.1.1 …};{MSG=…};{FQDN=…}]`. Where its
 * semicolons were not wrapped it came apart, and is put together again; with one that has no end, the members stay as
 * they are.
 */
export function alongside(list: FieldList, count: number): FieldList {
  if (list.count === count || !includes(list.bytes, list.start, list.end, OPEN_BRACE)) return list
  const grouped = { ...list, isGrouped: true }
  const groups = countElements(grouped)
  return groups < 0 ? list : { ...grouped, count: groups }
}

/** Reads the members of a list, of which a failure that came apart is one. */
export class ElementReader {
  readonly #reader: ListReader
  readonly #list: FieldList
  /** Where it stands, without quotes around it. */
  start = 0
  end = 0
  isWrapped = false
  /** Whether it is made of several members, which may be wrapped. */
  isGroup = false

  constructor(list: FieldList) {
    this.#list = list
    this.#reader = new ListReader(list.bytes, list.start, list.end)
  }

  /** Where the next one begins, with its quotes. */
  get next(): number {
    return this.#reader.next
  }

  /** Goes to the next one. Undefined: a failure has no end. */
  read(): boolean | undefined {
    const reader = this.#reader
    const first = reader.next
    if (!reader.read()) return false
    this.start = reader.start
    this.end = reader.end
    this.isWrapped = reader.isWrapped
    this.isGroup = false
    if (!this.#list.isGrouped || !this.#opens() || this.#closes()) return true
    do {
      if (!reader.read()) return undefined
    } while (!this.#closes())
    this.start = first
    this.end = reader.next - 1
    this.isWrapped = false
    this.isGroup = true
    return true
  }

  #opens(): boolean {
    const { bytes } = this.#list
    const { start, end } = this.#reader
    return end - start >= 2 && bytes[start] === OPEN_BRACKET && bytes[start + 1] === OPEN_BRACE
  }

  #closes(): boolean {
    const { bytes } = this.#list
    const { start, end } = this.#reader
    return end - start >= 2 && bytes[end - 2] === CLOSE_BRACE && bytes[end - 1] === CLOSE_BRACKET
  }
}

/** The members of a part of a list, with failures that came apart put together. */
export function groupBraces(members: readonly string[]): readonly string[] {
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
  return groups
}

/** -1 when a failure has no end. */
function countElements(list: FieldList): number {
  const reader = new ElementReader(list)
  for (let count = 0; ; count++) {
    const isThere = reader.read()
    if (isThere === undefined) return -1
    if (!isThere) return count
  }
}

/** Whether the byte is in a part of some; for a few bytes a loop is faster than a call into the runtime. */
export function includes(bytes: Buffer, start: number, end: number, byte: number): boolean {
  if (end - start > 256) return bytes.subarray(start, end).includes(byte)
  for (let at = start; at < end; at++) if (bytes[at] === byte) return true
  return false
}

function countPlain({ bytes, start, end }: FieldList): number {
  let count = start < end ? 1 : 0
  for (let at = start; at < end; at++) if (bytes[at] === SEPARATOR) count++
  return count
}
