/** What things are made of, as the hot loop looks at it: each column once for all of them. See wasm/inputs.ts. */
import type { ByteRun, Inputs, Sides, StandsIn } from '../flow/plan.ts'
import * as contract from './contract.ts'
import type { WorkMemory } from './memory.ts'
import { Struct, type Words } from './words.ts'

/** What an op says of that from which something is derived. */
export type InputWords = Pick<
  Words<'OP'>,
  | typeof contract.OP_INPUTS
  | typeof contract.OP_INPUT_COUNT
  | typeof contract.OP_UNLESS
  | typeof contract.OP_ROW_PLACE
>

/** What the job says of the inputs of a program. */
export type ProgramInputs = Pick<
  Words<'ENCODE'>,
  | typeof contract.ENCODE_INPUTS
  | typeof contract.ENCODE_INPUT_COUNT
  | typeof contract.ENCODE_SIDES
  | typeof contract.ENCODE_ROW_WORDS
  | typeof contract.ENCODE_ROW_WORD_COUNT
>

/** The inputs of a program in memory. */
export interface InputsInMemory {
  readonly words: ProgramInputs
  /** What the op says of its own; null when there is no room left. */
  of(inputs: Inputs | null): InputWords | null
}

/** What tells of a row what something is made of, texts aside. */
type Whole = Pick<Inputs, 'columns' | 'shapes' | 'blanks' | 'sides'>

/** A column with all that is asked of it. */
interface Asked {
  readonly column: number
  isWhole: boolean
  hasShape: boolean
  readonly texts: { readonly text: StandsIn['text']; readonly bit: number }[]
}

const inputBytes = 4 * contract.WORDS_OF_INPUT
const noText = Buffer.alloc(0)
const textBytes = 4 * contract.WORDS_OF_TEXT

/** Puts what all of these ask for into memory; null when there is no room left in it. */
export function keepInputs(memory: WorkMemory, all: readonly (Inputs | null)[]): InputsInMemory | null {
  const asked = new Map<number, Asked>()
  const bits = new Map<string, number>()
  const askedOf = (column: number): Asked => {
    const known = asked.get(column)
    if (known !== undefined) return known
    const made = { column, isWhole: false, hasShape: false, texts: [] }
    asked.set(column, made)
    return made
  }
  const few = all.filter(isFew)
  for (const inputs of few) {
    for (const column of inputs.columns) askedOf(column).isWhole = true
    for (const column of inputs.shapes) askedOf(column).hasShape = true
    for (const column of inputs.blanks) askedOf(column)
    for (const stands of inputs.unless) {
      if (bits.has(nameOf(stands))) continue
      const bit = 2 ** Math.min(bits.size, contract.LAST_TEXT)
      bits.set(nameOf(stands), bit)
      const one = askedOf(stands.column)
      one.texts.push({ text: stands.text, bit })
      // It is looked for byte by byte: where that was done for the same bytes before, their number tells it.
      if (isRun(stands.text)) one.isWhole = true
    }
  }
  // Those with texts come first: others need not be looked at to find one.
  const inOrder = [...asked.values()].sort((one, other) => other.texts.length - one.texts.length)
  const columns = inOrder.map(({ column }) => column)
  const at = memory.keep(columns.length * inputBytes)
  if (at === undefined) return null
  for (const [index, one] of inOrder.entries()) {
    if (!keepInput(memory, at + index * inputBytes, one)) return null
  }
  const sides = few.find((inputs) => inputs.sides !== null)?.sides ?? null
  const sidesAt = sides === null ? 0 : keepSides(memory, sides)
  if (sidesAt === undefined) return null
  const wordOf = (column: number, word: number) => at + columns.indexOf(column) * inputBytes + 4 * word
  const wordsOf = ({ columns, shapes, blanks, sides }: Whole) => {
    const words = [
      ...columns.map((column) => wordOf(column, contract.INPUT_NUMBER)),
      ...shapes.map((column) => wordOf(column, contract.INPUT_SHAPE)),
      ...blanks.map((column) => wordOf(column, contract.INPUT_BLANKNESS)),
      ...(sides === null ? [] : [sidesAt + 4 * contract.SIDES_SAMENESS]),
    ]
    const list = memory.keep(words.length * 4)
    if (list === undefined) return null
    memory.words.set(words, list / 4)
    return [list, words.length] as const
  }
  const ofRow = wordsOf(
    few.length < LEAST_OF_ROW || few.length > contract.MOST_ROW_VALUES ? nothing : allOf(few),
  )
  if (ofRow === null) return null
  let place = 0
  return {
    words: {
      [contract.ENCODE_INPUTS]: at,
      [contract.ENCODE_INPUT_COUNT]: columns.length,
      [contract.ENCODE_SIDES]: sidesAt,
      [contract.ENCODE_ROW_WORDS]: ofRow[0],
      [contract.ENCODE_ROW_WORD_COUNT]: ofRow[1],
    },
    of: (inputs) => {
      if (inputs === null || !isFew(inputs)) return anything
      const words = wordsOf(inputs)
      if (words === null) return null
      const unless = new Set(inputs.unless.map((stands) => bits.get(nameOf(stands)) ?? 0))
      return {
        [contract.OP_INPUTS]: words[0],
        [contract.OP_INPUT_COUNT]: words[1],
        [contract.OP_UNLESS]: [...unless].reduce((sum, bit) => sum + bit, 0),
        [contract.OP_ROW_PLACE]: place++,
      }
    },
  }
}

const anything: InputWords = {
  [contract.OP_INPUTS]: 0,
  [contract.OP_INPUT_COUNT]: contract.NO_COLUMN,
  [contract.OP_UNLESS]: 0,
  [contract.OP_ROW_PLACE]: 0,
}

/** Of fewer values each is looked for by itself. */
const LEAST_OF_ROW = 4
const nothing: Whole = { columns: [], shapes: [], blanks: [], sides: null }

/** What all of these are made of: of each column what tells most; nothing where it is too much. */
function allOf(all: readonly Inputs[]): Whole {
  const columns = new Set(all.flatMap((inputs) => inputs.columns))
  const shapes = new Set(all.flatMap((inputs) => inputs.shapes).filter((one) => !columns.has(one)))
  const blanks = all.flatMap((inputs) => inputs.blanks).filter((one) => !columns.has(one) && !shapes.has(one))
  const sides = all.find((inputs) => inputs.sides !== null)?.sides ?? null
  const made = { columns: [...columns], shapes: [...shapes], blanks: [...new Set(blanks)], sides }
  return countOf(made) > contract.MOST_ROW_INPUTS ? nothing : made
}

/** Of more, nothing is kept. */
function isFew(inputs: Inputs | null): inputs is Inputs {
  if (inputs === null) return false
  return countOf(inputs) <= contract.MOST_INPUTS
}

function countOf({ columns, shapes, blanks, sides }: Whole): number {
  return columns.length + shapes.length + blanks.length + (sides === null ? 0 : 1)
}

function nameOf({ column, text }: StandsIn): string {
  if (isRun(text)) return `${column} ${text.length} ${text.places}`
  return `${column} ${text?.toString('latin1') ?? ''}`
}

function isRun(text: StandsIn['text']): text is ByteRun {
  return text !== null && 'places' in text
}

/** Address of the columns of both sides; undefined when there is no room left. */
function keepSides(memory: WorkMemory, { source, client, server }: Sides): number | undefined {
  const at = memory.keep(4 * contract.WORDS_OF_SIDES)
  if (at === undefined) return undefined
  // -1, as a word, is no column.
  new Struct<'SIDES'>(memory, at).write({
    [contract.SIDES_SOURCE]: source,
    [contract.SIDES_CLIENT_NAME]: client.name,
    [contract.SIDES_CLIENT_ADDRESS]: client.address,
    [contract.SIDES_SERVER_NAME]: server.name,
    [contract.SIDES_SERVER_ADDRESS]: server.address,
    [contract.SIDES_SAMENESS]: 0,
  })
  return at
}

function keepInput(memory: WorkMemory, at: number, { column, isWhole, hasShape, texts }: Asked): boolean {
  const textsAt = memory.keep(texts.length * textBytes)
  if (textsAt === undefined) return false
  for (const [index, { text, bit }] of texts.entries()) {
    const hasPlaces = isRun(text)
    const kept = memory.keepBytes(hasPlaces ? Buffer.from(text.places) : (text ?? noText))
    if (kept === undefined) return false
    new Struct<'TEXT'>(memory, textsAt + index * textBytes).write({
      [contract.TEXT_AT]: kept[0],
      [contract.TEXT_LENGTH]: hasPlaces ? text.length : kept[1],
      [contract.TEXT_BIT]: bit,
      [contract.TEXT_PLACES]: hasPlaces ? kept[0] : 0,
    })
  }
  new Struct<'INPUT'>(memory, at).write({
    [contract.INPUT_COLUMN]: column,
    [contract.INPUT_IS_WHOLE]: isWhole ? 1 : 0,
    [contract.INPUT_HAS_SHAPE]: hasShape ? 1 : 0,
    [contract.INPUT_TEXTS]: textsAt,
    [contract.INPUT_TEXT_COUNT]: texts.length,
    // What several share is not looked for by looking at one of them.
    [contract.INPUT_OWN_BITS]: texts.reduce(
      (sum, { bit }) => (bit === 2 ** contract.LAST_TEXT ? sum : sum + bit),
      0,
    ),
    [contract.INPUT_LAST]: 0,
    [contract.INPUT_NUMBER]: 0,
    [contract.INPUT_SHAPE]: 0,
    [contract.INPUT_BLANKNESS]: 0,
  })
  return true
}
