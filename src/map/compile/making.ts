/**
 * A text of a mapping table, compiled for one layout, together with what it is made of. Each piece says its own where
 * it is compiled: what an encoder keeps by the inputs of a text can't miss one that the text looks at.
 */
import type { Derive, Filter, Inputs } from '../../flow/plan.ts'

/** A column that a text is a copy of. */
interface Copied {
  readonly column: number
  /** False when the text is something else where the column is blank. */
  readonly always: boolean
}

/** A text and what it is made of. */
export interface Making {
  /** Makes the text of a row; `''` for none. */
  readonly run: Derive
  /** What `run` looks at, its `first` aside: see `copies`. Null when that can't be said. */
  readonly inputs: Inputs | null
  /** Null when the text is more than a copy. */
  readonly copies: Copied | null
}

/** Whether a row has a value, and what that depends on. */
export interface Holding {
  readonly holds: Filter
  readonly inputs: Inputs | null
}

/** Of what is the same for all records of a source. */
export const nothing: Inputs = { first: -1, columns: [], blanks: [], unless: null }

/**
 * What is made of all of these. Custom-data is hardly ever twice the same, but mostly without the key that is asked
 * for; null with several keys.
 */
export function together(all: readonly (Inputs | null)[]): Inputs | null {
  const known = all.filter((inputs) => inputs !== null)
  const [unless = null, ...others] = known.flatMap((inputs) => inputs.unless ?? [])
  const isMore = others.some(({ text }) => unless?.text.equals(text) === false)
  if (isMore || known.length < all.length) return null
  const columns = new Set(known.flatMap((inputs) => inputs.columns))
  const blanks = new Set(known.flatMap((inputs) => inputs.blanks))
  return { ...nothing, columns: [...columns], blanks: [...blanks].filter((one) => !columns.has(one)), unless }
}

/** The first of these texts that is not empty; null when there are none. */
export function firstOf(parts: readonly Making[]): Making | null {
  const [first, ...others] = parts
  if (first === undefined || others.length === 0) return first ?? null
  const texts = parts.map(({ run }) => run)
  return {
    run: (records, row) => {
      for (const run of texts) {
        const text = run(records, row)
        if (text !== '') return text
      }
      return ''
    },
    inputs: together(parts.map(({ inputs }) => inputs)),
    copies: first.copies && { ...first.copies, always: false },
  }
}

/** The text only of rows for which this holds. */
export function where({ holds, inputs }: Holding, making: Making): Making {
  const { run } = making
  return {
    run: (records, row) => (holds(records, row) ? run(records, row) : ''),
    inputs: together([inputs, making.inputs]),
    copies: null,
  }
}

/** The text after these steps, which an empty one does not take. */
export function through(steps: readonly ((text: string) => string)[], making: Making): Making {
  if (steps.length === 0) return making
  const { run, inputs } = making
  return {
    run: (records, row) => {
      let text = run(records, row)
      for (const step of steps) if (text !== '') text = step(text)
      return text
    },
    inputs,
    copies: null,
  }
}
