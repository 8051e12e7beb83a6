/**
 * Protected values where other columns of the same row repeat them: the sender stands in return-path too, a
 * recipient in the status text of its failure, the client's address in source-context.
 *
 * Where a value is looked for depends on what it is. A subject or a host name is chosen by whoever sends the
 * mail: looked for everywhere, `RECEIVE` or the address of the sender's own server as a subject would take that
 * out of the event.
 */
import { isIP } from 'node:net'
import type { Records } from '../flow/records.ts'
import { atOnce } from '../records/at-once.ts'
import { LongText } from '../records/long-text.ts'
import { isAddressKind, isIpKind, type Kind } from './columns.ts'
import type { Effort } from './effort.ts'
import { TextIndex } from './text-index.ts'

/** Shorter texts are words that stand anywhere; an address is told by its `@`. */
const SHORTEST = 6
/** Longer texts don't stand elsewhere as a whole. */
const LONGEST = 1024
/** So many values are quicker looked for one by one. */
const FEW = 64
/** In microseconds, about: for a letter that is made small, a place of a text, and a letter that is found there. */
const FOLD_EFFORT = 0.005
const PLACE_EFFORT = 0.03
const LETTER_EFFORT = 0.02

/** Groups of columns, as bits. */
const addresses = 1
const hosts = 2
const texts = 4
const rest = 8

/** What would make a value a part of another one, were it there. */
interface Boundary {
  readonly before: RegExp
  readonly after: RegExp
}

const ipv4: Boundary = { before: /\d$/, after: /^\d/ }
const ipv6: Boundary = { before: /[\da-f]$/, after: /^[\da-f]/ }
/** Of the letters that an address may have, the apostrophe is left out: a list puts it around its members. */
const address: Boundary = {
  before: /[\p{L}\p{N}@!#$%&*+/=?^_`{|}~.-]$/u,
  after: /^(?:[\p{L}\p{N}@_-]|\.[\p{L}\p{N}])/u,
}

/** A text in small letters that is looked for, and what stands in its place. */
export interface Repeatable {
  readonly text: string
  readonly value: Value
}

interface Value {
  readonly replacement: string
  /** Bits of the groups it is looked for in. */
  readonly groups: number
  /** Null for a value that is no IP address. */
  readonly boundary: Boundary | null
}

/** What is looked for of a value of a column of this kind; nothing of one that may stand anywhere by chance. */
export function repeatablesOf(kind: Kind, plain: string, replacementOf: () => string): readonly Repeatable[] {
  const text = folded(plain.trim())
  const isAddress = text.includes('@')
  if (text.length > LONGEST || text.length < (isAddress ? 3 : SHORTEST)) return []
  const ipVersion = kind === 'ip' ? isIP(text) : 0
  const value: Value = {
    replacement: replacementOf(),
    groups: ipVersion > 0 ? hosts | texts : targets(kind, isAddress),
    boundary: ipVersion === 0 ? null : ipVersion === 4 ? ipv4 : ipv6,
  }
  // The other one is how it stands as a member of a list.
  return text.includes("'")
    ? [
        { text, value },
        { text: text.replaceAll("'", "''"), value },
      ]
    : [{ text, value }]
}

/** The protected values of one row, and what stands in their place. */
export class Repetitions {
  /** No text twice. As long as they are few. */
  readonly #few: Repeatable[] = []
  /** All of them, by number, once they are many; a text's number. */
  readonly #values: Value[] = []
  #numbers: TextIndex | undefined

  /** `many`: they are treated so from the first one on, since the row is long. */
  constructor(many?: 'many') {
    if (many !== undefined) this.#numbers = new TextIndex()
  }

  get isEmpty(): boolean {
    return this.#few.length === 0 && this.#values.length === 0
  }

  /** Adds what is looked for of a value, unless the same text was added for another one. */
  add(repeatables: readonly Repeatable[]): void {
    const [first] = repeatables
    if (first === undefined || this.#valueOf(first.text) !== undefined) return
    // The first is new; how it stands in a list may be there as another value.
    for (const one of repeatables) {
      if (this.#numbers === undefined) {
        const same = one === first ? -1 : this.#few.findIndex(({ text }) => text === one.text)
        this.#few[same < 0 ? this.#few.length : same] = one
        if (this.#few.length > FEW) {
          this.#numbers = new TextIndex()
          for (const each of this.#few) this.#addToMany(each, this.#numbers)
        }
      } else {
        this.#addToMany(one, this.#numbers)
      }
    }
  }

  #addToMany({ text, value }: Repeatable, numbers: TextIndex): void {
    if (this.#values.at(-1) !== value) this.#values.push(value)
    numbers.set(text, this.#values.length - 1)
  }

  #valueOf(text: string): Value | undefined {
    if (this.#numbers !== undefined) {
      return text.length > 2 * LONGEST ? undefined : this.#values[this.#numbers.get(text)]
    }
    for (const one of this.#few) if (one.text === text) return one.value
    return undefined
  }

  /**
   * Marks, by its column, each field of the row as it stands in the log in which one of the values may stand, if
   * the field is ASCII. False when there are too many values to be looked for so.
   */
  markIn(records: Records, row: number, marks: Uint8Array): boolean {
    if (this.#numbers !== undefined) return false
    const { bytes, layout, starts, ends, rowStarts, rowEnds } = records
    const rowStart = rowStarts[row] as number
    const lower = bytes.toString('latin1', rowStart, rowEnds[row]).toLowerCase()
    const base = row * layout.columns.length
    for (const { text } of this.#few) {
      let at = lower.indexOf(text)
      while (at >= 0) {
        const place = rowStart + at
        let behind = at + 1
        for (let column = 0; column < layout.columns.length; column++) {
          const end = ends[base + column] as number
          if (place < (starts[base + column] as number) || place >= end) continue
          marks[column] = 1
          behind = end - rowStart
          break
        }
        at = lower.indexOf(text, behind)
      }
    }
    return true
  }

  /** The text of a column of this kind without protected values; undefined when it holds none. */
  replaceIn(text: string, kind: Kind): string | undefined {
    return atOnce(this.replaceInParts(text, kind, null))
  }

  /** The same, while other work gets its turn when that was enough; null for never. */
  *replaceInParts(text: string, kind: Kind, effort: Effort | null): Generator<void, string | undefined> {
    const lower = folded(text)
    const group = groupOf(kind)
    // As return-path nearly always repeats the sender.
    const whole = this.#valueOf(lower)
    if (whole !== undefined && (whole.groups & group) !== 0) return whole.replacement
    const numbers = this.#numbers
    if (numbers === undefined) return this.#replaceFew(text, lower, group)
    effort?.add(text.length * FOLD_EFFORT)
    const result = new LongText()
    let copied = 0
    let at = 0
    let end = 0
    let found: Value | undefined
    const visit = (behind: number, number: number): void => {
      const value = this.#values[number] as Value
      if ((value.groups & group) === 0 || !standsAlone(value, lower, at, behind, group)) return
      found = value
      end = behind
    }
    while (at < lower.length) {
      found = undefined
      const looked = numbers.visitAt(lower, at, visit)
      effort?.add(PLACE_EFFORT + looked * LETTER_EFFORT)
      if (effort?.isEnough) yield
      const value = found as Value | undefined
      if (value === undefined) {
        at++
        continue
      }
      result.add(text.slice(copied, at))
      result.add(value.replacement)
      at = copied = end
    }
    if (copied === 0) return undefined
    result.add(text.slice(copied))
    return result.text
  }

  /** Each value is looked for on its own, and no place is looked at twice for it. */
  #replaceFew(text: string, lower: string, group: number): string | undefined {
    const next: Place[] = []
    for (const { text: wanted, value } of this.#few) {
      if ((value.groups & group) === 0) continue
      const start = placeOf(wanted, value, lower, 0, group)
      if (start >= 0) next.push({ wanted, value, start })
    }
    let result = ''
    let copied = 0
    for (;;) {
      let found: Place | undefined
      for (const place of next) {
        if (place.start >= 0 && place.start < copied) {
          place.start = placeOf(place.wanted, place.value, lower, copied, group)
        }
        if (place.start >= 0 && (found === undefined || comesBefore(place, found))) found = place
      }
      if (found === undefined) return copied === 0 ? undefined : result + text.slice(copied)
      result += text.slice(copied, found.start) + found.value.replacement
      copied = found.start + found.wanted.length
    }
  }
}

/** Where a value stands next; -1 for nowhere. */
interface Place {
  readonly wanted: string
  readonly value: Value
  start: number
}

/** Of two that begin together the longer one counts. */
function comesBefore(one: Place, other: Place): boolean {
  return one.start < other.start || (one.start === other.start && one.wanted.length > other.wanted.length)
}

function placeOf(wanted: string, value: Value, lower: string, from: number, group: number): number {
  let at = lower.indexOf(wanted, from)
  while (at >= 0 && !standsAlone(value, lower, at, at + wanted.length, group)) {
    at = lower.indexOf(wanted, at + 1)
  }
  return at
}

function targets(kind: Kind, isAddress: boolean): number {
  if (!isAddressKind(kind)) return texts
  return isAddress ? addresses | hosts | texts | rest : addresses | texts
}

function groupOf(kind: Kind): number {
  if (isAddressKind(kind)) return addresses
  if (isIpKind(kind)) return hosts
  return kind === 'text' ? texts : rest
}

/** In text, rather too much is replaced than too little; an address that ends with another one is another one. */
function standsAlone(value: Value, text: string, start: number, end: number, group: number): boolean {
  const boundary = value.boundary ?? (group === addresses ? address : null)
  if (boundary === null) return true
  return (
    !boundary.before.test(text.slice(Math.max(start - 2, 0), start)) &&
    !boundary.after.test(text.slice(end, end + 3))
  )
}

/** In small letters and as long as before, so that places in it are places in the text. */
function folded(text: string): string {
  const lower = text.toLowerCase()
  // Of all letters only this one becomes longer, and only the sigma depends on the letters around it.
  if (lower.length === text.length && !text.includes('Σ')) return lower
  return text.replace(/[^İ]+/g, (others) => others.replaceAll('Σ', 'σ').toLowerCase())
}
