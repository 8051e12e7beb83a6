/**
 * Protected values where other columns of the same row repeat them: the sender stands in return-path too, a
 * recipient in the status text of its failure, the client's address in source-context.
 *
 * Where a value is looked for depends on what it is. A subject or a host name is chosen by whoever sends the
 * mail: looked for everywhere, `RECEIVE` or the address of the sender's own server as a subject would take that
 * out of the event.
 */
import { isIP } from 'node:net'
import { isAddressKind, isIpKind, type Kind } from './columns.ts'

/** Shorter texts are words that stand anywhere; an address is told by its `@`. */
const SHORTEST = 6
/** Longer texts don't stand elsewhere as a whole. */
const LONGEST = 1024
/** So many values are quicker looked for one by one. */
const FEW = 16

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

interface Value {
  readonly replacement: string
  /** Bits of the groups it is looked for in. */
  readonly groups: number
  /** Null for a value that is no IP address. */
  readonly boundary: Boundary | null
}

interface Node {
  readonly next: Map<string, Node>
  value: Value | undefined
}

/** The protected values of one row, and what stands in their place. */
export class Repetitions {
  readonly #values = new Map<string, Value>()
  #root: Node | undefined

  get size(): number {
    return this.#values.size
  }

  /** Adds a value of a column of this kind; one that may stand anywhere by chance is left out. */
  add(kind: Kind, plain: string, replacementOf: () => string): void {
    const text = folded(plain.trim())
    const isAddress = text.includes('@')
    if (text.length > LONGEST || text.length < (isAddress ? 3 : SHORTEST) || this.#values.has(text)) return
    const ipVersion = kind === 'ip' ? isIP(text) : 0
    const value: Value = {
      replacement: replacementOf(),
      groups: ipVersion > 0 ? hosts | texts : targets(kind, isAddress),
      boundary: ipVersion === 0 ? null : ipVersion === 4 ? ipv4 : ipv6,
    }
    this.#values.set(text, value)
    // As it stands as a member of a list.
    if (text.includes("'")) this.#values.set(text.replaceAll("'", "''"), value)
    this.#root = undefined
  }

  /** The text of a column of this kind without protected values; undefined when it holds none. */
  replaceIn(text: string, kind: Kind): string | undefined {
    const lower = folded(text)
    if (this.#values.size <= FEW && !this.#standsIn(lower)) return undefined
    const group = groupOf(kind)
    // As return-path nearly always repeats the sender.
    const whole = this.#values.get(lower)
    if (whole !== undefined && (whole.groups & group) !== 0) return whole.replacement
    this.#root ??= treeOf(this.#values)
    let result = ''
    let copied = 0
    for (let at = 0; at < lower.length; ) {
      const found = longestAt(this.#root, lower, at, group)
      if (found === undefined) {
        at++
        continue
      }
      result += text.slice(copied, at) + found.value.replacement
      at = copied = found.end
    }
    return copied === 0 ? undefined : result + text.slice(copied)
  }

  #standsIn(lower: string): boolean {
    for (const value of this.#values.keys()) if (lower.includes(value)) return true
    return false
  }
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

function treeOf(values: ReadonlyMap<string, Value>): Node {
  const root: Node = { next: new Map(), value: undefined }
  for (const [text, value] of values) {
    let node = root
    for (let at = 0; at < text.length; at++) {
      const letter = text[at] as string
      let next = node.next.get(letter)
      if (next === undefined) {
        next = { next: new Map(), value: undefined }
        node.next.set(letter, next)
      }
      node = next
    }
    node.value = value
  }
  return root
}

/** The longest value that stands at `start`, and where it ends. */
function longestAt(
  root: Node,
  text: string,
  start: number,
  group: number,
): { readonly value: Value; readonly end: number } | undefined {
  let found: { readonly value: Value; readonly end: number } | undefined
  let node = root.next.get(text[start] as string)
  for (let end = start + 1; node !== undefined; end++) {
    const { value } = node
    if (value !== undefined && (value.groups & group) !== 0 && standsAlone(value, text, start, end, group)) {
      found = { value, end }
    }
    node = node.next.get(text[end] ?? '')
  }
  return found
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
  if (isAscii(text)) return text.toLowerCase()
  return Array.from(text, (letter) => {
    const small = letter.toLowerCase()
    return small.length === letter.length ? small : letter
  }).join('')
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}
