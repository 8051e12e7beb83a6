/**
 * A text of a mapping table, compiled for one layout, together with what it is made of. Each piece says its own where
 * it is compiled: what an encoder keeps by the inputs of a text can't miss one that the text looks at.
 */
import type { Choose, Derive, Filter, Inputs, StandsIn } from '../../flow/plan.ts'

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
  /** Which column it is a copy of, where it is one of a column at all: other inputs than `inputs`, which are of the text. */
  readonly choice?: Choice | undefined
  /** For people: which of its parts the text of a row came from. */
  readonly because?: Derive
}

/** The column that a text is a copy of, and what that, and the text where it is no copy, depends on. */
interface Choice {
  readonly column: Choose
  readonly inputs: Inputs | null
}

/** Whether a row has a value, and what that depends on. */
export interface Holding {
  readonly holds: Filter
  readonly inputs: Inputs | null
}

/** Of what is the same for all records of a source. */
export const nothing: Inputs = { first: -1, columns: [], blanks: [], shapes: [], sides: null, unless: [] }

/** What is made of all of these. */
export function together(all: readonly (Inputs | null)[]): Inputs | null {
  const known = all.filter((inputs) => inputs !== null)
  if (known.length < all.length) return null
  const columns = new Set(known.flatMap((inputs) => inputs.columns))
  const shapes = new Set(known.flatMap((inputs) => inputs.shapes))
  const blanks = new Set(known.flatMap((inputs) => inputs.blanks))
  return {
    ...nothing,
    columns: [...columns],
    blanks: [...blanks].filter((one) => !columns.has(one) && !shapes.has(one)),
    shapes: [...shapes].filter((one) => !columns.has(one)),
    sides: known.find(({ sides }) => sides !== null)?.sides ?? null,
    unless: joined(known.flatMap((inputs) => inputs.unless)).filter(
      ({ column, text }) => Buffer.isBuffer(text) || !columns.has(column),
    ),
  }
}

/** Shorter beginnings stand everywhere, and so do those of values: they have a `=` in them. */
const LEAST_IN_COMMON = 8
const EQUALS = 0x3d

/** Each column is searched as few times as will do: two texts that begin alike are found by their beginning. */
function joined(texts: readonly StandsIn[]): readonly StandsIn[] {
  const found: StandsIn[] = []
  for (const text of texts) {
    const alike = found.findIndex((other) => other.column === text.column && inCommon(other, text) !== null)
    if (alike < 0) found.push(text)
    else found[alike] = inCommon(found[alike]!, text)!
  }
  return found
}

/** What both begin with, if it is all of one of them or long enough to be rare. */
function inCommon({ column, text }: StandsIn, { text: other }: StandsIn): StandsIn | null {
  if (!Buffer.isBuffer(text) || !Buffer.isBuffer(other)) return text === other ? { column, text } : null
  let length = 0
  while (length < text.length && text[length] === other[length]) length++
  const isWhole = length === Math.min(text.length, other.length)
  const isEnough = isWhole || (length >= LEAST_IN_COMMON && !text.subarray(0, length).includes(EQUALS))
  return isEnough ? { column, text: text.subarray(0, length) } : null
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
    choice: choiceOfFirst(parts),
    because: (records, row) =>
      parts.find(({ run }) => run(records, row) !== '')?.because?.(records, row) ?? '',
  }
}

/** What the first of these texts that is not empty is a copy of; undefined where none of them ever is one. */
function choiceOfFirst(parts: readonly Making[]): Choice | undefined {
  if (parts.every(({ choice }) => choice === undefined)) return undefined
  return {
    column: (records, row) => {
      for (const { choice, run } of parts) {
        const column = choice?.column(records, row) ?? -1
        if (column >= 0) return column
        if (run(records, row) !== '') return -1
      }
      return -1
    },
    inputs: together(parts.map(({ choice, inputs }) => (choice ?? { inputs }).inputs)),
  }
}

/**
 * The text only of rows for which this holds. `only`: texts one of which stands in its column wherever it does; the
 * text is then nothing to be kept where one of them stands, and nothing it is made of matters elsewhere.
 */
export function where({ holds, inputs }: Holding, making: Making, only: readonly StandsIn[] = []): Making {
  const { run, choice } = making
  const [first] = only
  return {
    run: (records, row) => (holds(records, row) ? run(records, row) : ''),
    inputs:
      first === undefined
        ? together([inputs, making.inputs])
        : { ...nothing, columns: [first.column], unless: joined(only) },
    copies: null,
    choice: choice && first === undefined ? choiceWhere({ holds, inputs }, choice) : undefined,
  }
}

function choiceWhere({ holds, inputs }: Holding, choice: Choice): Choice {
  const { column } = choice
  return {
    column: (records, row) => (holds(records, row) ? column(records, row) : -1),
    inputs: together([inputs, choice.inputs]),
  }
}

/** The text after these steps, which an empty one does not take. */
export function through(steps: readonly ((text: string) => string)[], making: Making): Making {
  if (steps.length === 0) return making
  const { run, inputs, because } = making
  return {
    run: (records, row) => {
      let text = run(records, row)
      for (const step of steps) if (text !== '') text = step(text)
      return text
    },
    inputs,
    copies: null,
    ...(because && { because }),
  }
}
