/**
 * Which events are shown, by what was sent: `KEY=TEXT` and `KEY!=TEXT` on the values of an event. The rows that it was made
 * of are not there to be asked: they hold what the privacy of the destination keeps from its receiver.
 */
import { InvalidArgumentError } from 'commander'
import { addressProblem, compileAddresses, textProblem } from '../../filter/text-entry.ts'
import { didYouMean } from '../../mistakes/nearest.ts'
import type { CefEvent } from '../../receive/cef-decoder.ts'
import { labelledKeyOf } from '../../receive/cef-dictionary.ts'
import { someMember } from '../../records/members.ts'

/** One of them, as it was written. */
export interface Condition {
  readonly key: string
  readonly negates: boolean
  readonly text: string
}

/** Fields of the header, by their names in JSON. */
const headerFields = ['eventClassId', 'name', 'severity', 'vendor', 'product', 'deviceVersion'] as const

/** Reads one, for commander. */
export function parseCondition(text: string): Condition {
  const [, key, operator, entry] = /^\s*([^=!]+?)\s*(!?=)\s*(.*)$/s.exec(text) ?? []
  if (key === undefined || entry === undefined) {
    throw new InvalidArgumentError('Give KEY=TEXT or KEY!=TEXT, such as suser=@contoso.com.')
  }
  const problem = entry.startsWith('@') ? addressProblem(entry) : textProblem(entry)
  if (problem !== null) {
    const remedy = problem.remedy === undefined ? '' : `; ${problem.remedy}`
    throw new InvalidArgumentError(`What ${key} is compared with ${problem.message}${remedy}.`)
  }
  return { key, negates: operator === '!=', text: entry }
}

/** Of several for one key one holds, of those that negate all; and so for each key. */
export class Conditions {
  readonly #byKey: readonly {
    readonly key: string
    readonly is: ((value: string) => boolean) | null
    readonly isNot: ((value: string) => boolean) | null
  }[]
  /** Keys that were seen, for who has mistyped one; bounded. */
  readonly #seen = new Set<string>()
  readonly #unseen: Set<string>
  #asked = 0

  constructor(conditions: readonly Condition[]) {
    const keys = [...new Set(conditions.map(({ key }) => key.toLowerCase()))]
    this.#byKey = keys.map((key) => {
      const of = (negates: boolean) =>
        testOf(conditions.filter((one) => one.key.toLowerCase() === key && one.negates === negates))
      return { key, is: of(false), isNot: of(true) }
    })
    this.#unseen = new Set(keys)
  }

  /** Whether all of them hold. */
  hold(event: CefEvent): boolean {
    if (this.#byKey.length === 0) return true
    const values = valuesOf(event)
    this.#note(values)
    return this.#byKey.every(({ key, is, isNot }) => {
      const value = values.get(key) ?? ''
      return (is === null || is(value)) && (isNot === null || !isNot(value))
    })
  }

  /** Keys that no event had, once many were looked at; each is told once. */
  doubts(): readonly string[] {
    if (this.#asked !== doubtEvents) return []
    return [...this.#unseen].map((key) => {
      const meant = didYouMean(key, this.#seen)
      return `none of the first ${doubtEvents} events has ${key}${meant === undefined ? '' : `: ${meant}`}`
    })
  }

  #note(values: ReadonlyMap<string, string>): void {
    if (++this.#asked > doubtEvents) return
    for (const key of values.keys()) {
      this.#unseen.delete(key)
      if (this.#seen.size < mostSeen) this.#seen.add(key)
    }
  }
}

const doubtEvents = 100
const mostSeen = 500

/** In small letters: by key, and by label for a key that has one. */
function valuesOf(event: CefEvent): ReadonlyMap<string, string> {
  const values = new Map<string, string>(
    headerFields.map((field) => [field.toLowerCase(), String(event[field])]),
  )
  for (const [key, value] of event.extension) {
    values.set(key.toLowerCase(), value)
    const labelled = labelledKeyOf(key)
    if (labelled !== undefined) values.set(value.toLowerCase(), event.extension.get(labelled) ?? '')
  }
  return values
}

/** Null when nothing is asked for. */
function testOf(conditions: readonly Condition[]): ((value: string) => boolean) | null {
  if (conditions.length === 0) return null
  const whole = compileAddresses(conditions.map(({ text }) => text))
  const member = someMember(whole)
  return (value) => {
    const bytes = Buffer.from(value)
    return whole(bytes, 0, bytes.length) || member(bytes, 0, bytes.length)
  }
}
