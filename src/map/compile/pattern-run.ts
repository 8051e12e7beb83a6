/**
 * What stands in a text wherever a pattern finds something in it: of `(?:^|;|LED=)([45])\d\d[ -]` one of `^;=`, one of `45`,
 * two digits, and one of ` -`. A value that is captured need not be looked at where no such bytes stand one behind the other.
 */
import type { ByteRun } from '../../flow/plan.ts'

/** The codes of the characters that may stand in a place; `BEGIN` for the beginning of the text. */
type Place = ReadonlySet<number>
const BEGIN = 256

/** One character that the pattern takes, null for whatever is not so simple; whether others may come before the next. */
interface Item {
  readonly place: Place | null
  readonly isLast: boolean
}

const MOST_PLACES = 8
/** How rare a run has to be: by chance it is to stand in few texts. */
const MOST_LIKELY = 1 / 1000
const QUOTE = 0x22
const MEMBER_QUOTE = 0x27
const SEMICOLON = 0x3b
const blanks = [0x20, 0x09]

/** The longest run of such bytes; null where there is none that is rare, or that is easily seen. */
export function runIn(pattern: string): ByteRun | null {
  const read = itemsIn(pattern, 0)
  if (read === null || read.end < pattern.length) return null
  const runs: Place[][] = [[]]
  for (const { place, isLast } of read.items) {
    // A quote is doubled in a field; other characters than those of ASCII are several bytes.
    if (place === null || place.has(QUOTE)) runs.push([])
    else {
      runs.at(-1)?.push(place)
      if (isLast) runs.push([place])
    }
  }
  const rare = runs.map((run) => run.slice(0, MOST_PLACES)).filter((run) => likelihood(run) < MOST_LIKELY)
  const [best] = rare.sort((one, other) => likelihood(one) - likelihood(other))
  return best === undefined ? null : byteRun(best)
}

/** What stands in a list wherever the run stands in its members, trimmed and joined by this; null where that can't be said. */
export function runInList({ places, length }: ByteRun, separator: string): ByteRun | null {
  // Beside these stands the separator, where a member begins or ends; within a quoted member a quote is doubled.
  const beside = [MEMBER_QUOTE, ...Buffer.from(separator)]
  const run: Place[] = Array.from({ length }, (_, index) => {
    const isIn = (_: number, code: number) => ((places[code] ?? 0) >> index) & 1
    return new Set([...places.keys()].filter(isIn))
  })
  const isBeside = (place: Place) => place.has(BEGIN) || beside.some((code) => place.has(code))
  if (run.slice(1, -1).some(isBeside)) return null
  return byteRun(
    run.map((place) => (isBeside(place) ? new Set([...place, SEMICOLON, MEMBER_QUOTE, ...blanks]) : place)),
  )
}

function byteRun(run: readonly Place[]): ByteRun {
  const places = new Uint8Array(BEGIN + 1)
  for (const [index, place] of run.entries()) {
    for (const code of place) places[code]! |= 1 << index
    // A field has blanks before its text begins.
    if (place.has(BEGIN)) for (const blank of blanks) places[blank]! |= 1 << index
  }
  return { places, length: run.length }
}

function likelihood(run: readonly Place[]): number {
  return run.reduce((product, { size }) => (product * size) / 96, 1)
}

/** What is read of a pattern, and where that ends; null where it is not so simple. */
type Read = { readonly items: readonly Item[]; readonly end: number } | null

const anything: Item = { place: null, isLast: false }

/** What a pattern takes from there up to its end, to the next alternative, or to the end of the group. */
function itemsIn(pattern: string, from: number): Read {
  const items: Item[] = []
  let at = from
  while (at < pattern.length && !'|)'.includes(pattern.charAt(at))) {
    const read = pattern[at] === '(' ? groupAt(pattern, at) : characterAt(pattern, at)
    if (read === null) return null
    const [repeat = ''] = /^(?:[*+?]|\{\d+(?:,\d*)?\})?\??/.exec(pattern.slice(read.end)) ?? []
    items.push(...repeated(read.items, repeat))
    at = read.end + repeat.length
  }
  return { items, end: at }
}

function repeated(items: readonly Item[], repeat: string): readonly Item[] {
  if (repeat === '') return items
  const [item, ...others] = items
  if (item === undefined || others.length > 0) return [anything]
  if (repeat.startsWith('+')) return [{ ...item, isLast: true }]
  const times = /^\{([1-8])\}$/.exec(repeat)?.[1]
  return times === undefined ? [anything] : Array.from({ length: Number(times) }, () => item)
}

/** Of alternatives only their last characters stand beside what follows. */
function groupAt(pattern: string, start: number): Read {
  const [begin = ''] = /^\((?:\?:|(?!\?))/.exec(pattern.slice(start)) ?? []
  if (begin === '') return null
  const alternatives: (readonly Item[])[] = []
  for (let at = start + begin.length - 1; at < pattern.length && pattern[at] !== ')'; ) {
    const read = itemsIn(pattern, at + 1)
    if (read === null) return null
    alternatives.push(read.items)
    at = read.end
    if (pattern[at] !== ')') continue
    const [only = [], ...others] = alternatives
    if (others.length === 0) return { items: only, end: at + 1 }
    const lasts = alternatives.flatMap((items) => items.at(-1)?.place ?? [])
    if (lasts.length < alternatives.length) return { items: [anything], end: at + 1 }
    const place = new Set(lasts.flatMap((one) => [...one]))
    return { items: [anything, { place, isLast: false }], end: at + 1 }
  }
  return null
}

function characterAt(pattern: string, at: number): Read {
  const first = pattern.charAt(at)
  if (first === '[') return classAt(pattern, at)
  if (first === '\\') return escapedAt(pattern, at)
  if ('*+?{}]'.includes(first)) return null
  const end = at + 1
  if (first === '^') return { items: [itemOf([BEGIN])], end }
  if (first === '$') return { items: [], end }
  return { items: [first === '.' || first > '\x7f' ? anything : itemOf([first.charCodeAt(0)])], end }
}

function escapedAt(pattern: string, at: number): Read {
  const escaped = pattern.charAt(at + 1)
  const end = at + 2
  if (escaped === 'b') return { items: [], end }
  if (escaped === 'd') return { items: [itemOf(charactersIn('0-9'))], end }
  if (escaped === 'w') return { items: [itemOf(charactersIn('0-9A-Za-z_'))], end }
  return /^[!-/:-@[-`{-~]$/.test(escaped) ? { items: [itemOf([escaped.charCodeAt(0)])], end } : null
}

function classAt(pattern: string, at: number): Read {
  const [written, negated, members = ''] = /^\[(\^?)([^[\]^\\]+)\]/.exec(pattern.slice(at)) ?? []
  if (written === undefined) return null
  const isPlain = negated === '' && /^[\0-\x7f]+$/.test(members)
  return { items: [isPlain ? itemOf(charactersIn(members)) : anything], end: at + written.length }
}

function itemOf(codes: readonly number[]): Item {
  return { place: new Set(codes), isLast: false }
}

/** The codes of characters, singly and in ranges. */
function charactersIn(members: string): readonly number[] {
  return [...members.matchAll(/(.)-(.)|./gs)].flatMap(([one, from = one, to = one]) => {
    const first = from.charCodeAt(0)
    return Array.from({ length: to.charCodeAt(0) - first + 1 }, (_, index) => first + index)
  })
}
