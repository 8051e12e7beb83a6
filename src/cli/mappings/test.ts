/** What a mapping table makes of real logs, key by key: how often it wrote a value, and what became of the rest. */

import { EventEncoder } from '../../encode/event-encoder.ts'
import type { ValueOutcome } from '../../encode/value-writer.ts'
import type { Chunk } from '../../flow/chunk.ts'
import type { EventPlan, ValuePlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { createMapper, type MapperOptions } from '../../map/mapper.ts'
import { createParser } from '../../parse/parser.ts'
import { inLines } from '../terminal/lines.ts'
import { textTable } from '../terminal/table.ts'

/** Values shown for a key, and how many characters of each. */
const EXAMPLES = 2
const EXAMPLE_LENGTH = 40

/** In the order of the columns shown. */
const outcomes = ['written', 'cut', 'clamped', 'invalid', 'excluded', 'empty'] as const

/** What became of the values of one key. */
export interface KeyTally {
  readonly key: string
  readonly counts: Readonly<Record<ValueOutcome, number>>
  /** The first different values, as they stand in the event. */
  readonly examples: readonly string[]
}

/** The keys of a table in the order of the event, over all records seen. */
export class MappingTest {
  readonly #planFor: (layout: Records['layout']) => EventPlan
  readonly #parse = createParser()
  readonly #encoders = new Map<EventPlan, EventEncoder>()
  readonly #tallies = new Map<
    string,
    { key: string; counts: Record<ValueOutcome, number>; examples: string[] }
  >()
  #records = 0
  #malformed = 0

  /** Throws a ProblemsError with all mistakes of the table. */
  constructor(options: MapperOptions) {
    this.#planFor = createMapper(options).planFor
  }

  get records(): number {
    return this.#records
  }

  /** Lines that were no records. */
  get malformed(): number {
    return this.#malformed
  }

  /** Ids of the tables that were used. */
  get tables(): readonly string[] {
    return [...new Set([...this.#encoders.keys()].map(({ mapping }) => mapping))]
  }

  /** Values that were left out because they were not of the type of their key. */
  get invalid(): number {
    return this.keys.reduce((sum, { counts }) => sum + counts.invalid, 0)
  }

  get keys(): readonly KeyTally[] {
    return [...this.#tallies.values()]
  }

  /** Runs the table over the records of a chunk. */
  take(chunk: Chunk): void {
    const { runs, malformed } = this.#parse(chunk)
    this.#malformed += malformed.length
    for (const records of runs) {
      const encoder = this.#encoderFor(this.#planFor(records.layout))
      this.#records += records.count
      for (let row = 0; row < records.count; row++) {
        for (const { plan, outcome, text } of encoder.values(records, row)) this.#count(plan, outcome, text)
      }
    }
  }

  #encoderFor(plan: EventPlan): EventEncoder {
    const known = this.#encoders.get(plan)
    if (known !== undefined) return known
    const encoder = new EventEncoder(plan)
    this.#encoders.set(plan, encoder)
    return encoder
  }

  #count({ key }: ValuePlan, outcome: ValueOutcome, text: string): void {
    let tally = this.#tallies.get(key)
    if (tally === undefined) {
      const counts = { written: 0, cut: 0, clamped: 0, invalid: 0, excluded: 0, empty: 0 }
      tally = { key, counts, examples: [] }
      this.#tallies.set(key, tally)
    }
    tally.counts[outcome]++
    if (text === '' || tally.examples.length === EXAMPLES || tally.examples.includes(text)) return
    tally.examples.push(text)
  }
}

/** The keys as a table, a row each, and what stands out below it; `width` of the terminal. */
export function testReport({ keys, records, malformed, tables }: MappingTest, width?: number): string {
  const rows = keys.map(({ key, counts, examples }) => [
    key,
    ...outcomes.map((outcome) => (counts[outcome] === 0 ? '' : String(counts[outcome]))),
    examples.map((text) => shorten(text)).join(' | '),
  ])
  const never = keys.filter(({ counts }) => counts.written + counts.cut + counts.clamped === 0)
  const sum = (outcome: ValueOutcome) => keys.reduce((sum, { counts }) => sum + counts[outcome], 0)
  const totals = outcomes.slice(0, 4).map((outcome) => `${outcome} ${sum(outcome)}`)
  const all = `${tables.join(', ') || 'no table used'}: ${[`records ${records}`, `malformed ${malformed}`, ...totals].join(', ')}`
  const unwritten = `\nNever written: ${never.map(({ key }) => key).join(', ')}\n`
  return [
    `${inLines(all, width)}\n\n`,
    textTable([['key', ...outcomes, 'first examples'], ...rows], { width }),
    never.length === 0 ? '' : inLines(unwritten, width),
  ].join('')
}

function shorten(text: string): string {
  return text.length <= EXAMPLE_LENGTH ? text : `${text.slice(0, EXAMPLE_LENGTH - 1)}…`
}
