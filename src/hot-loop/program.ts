/**
 * An event plan as the hot loop reads it: ops, and the bytes they point to, in memory that stays.
 *
 *   ops     [header][field 0][field 1] … [device …][additional …]   see `Op` in wasm/job.ts
 *   bytes   prefixes, labels, values of conditions, the trailer
 */
import type { EventPlan, Inputs, ValuePlan } from '../flow/plan.ts'
import type { WorkMemory } from './memory.ts'

/** In the order of the constants in wasm/encode.ts. */
const kinds = ['text', 'integer', 'epoch-millis', 'ipv4', 'ipv6', 'ip'] as const

const OP_WORDS = 18
const NO_COLUMN = 0xffffffff
/** Bit of an input of which it only matters whether it is blank. */
const BLANKNESS = 0x80000000

/** What the job says about the program, in its order. */
export interface Program {
  readonly words: readonly number[]
  readonly timeColumn: number
}

/** Puts the plan into memory; null when there is no room left in it. */
export function compileProgram(
  memory: WorkMemory,
  plan: EventPlan,
  header: Inputs | null,
  labels: readonly (Buffer | null)[],
): Program | null {
  const values = [...plan.fields, ...plan.device, ...plan.additional]
  const ops = memory.keep((1 + values.length) * OP_WORDS * 4)
  const trailer = memory.keepBytes(Buffer.from(` ${plan.trailer}`))
  if (ops === undefined || trailer === undefined) return null
  const all = [
    headerWords(memory, header),
    ...values.map((value, index) => opWords(memory, value, labels[index] ?? null)),
  ]
  for (const [index, words] of all.entries()) {
    if (words === null) return null
    memory.words.set(words, ops / 4 + index * OP_WORDS)
  }
  return {
    words: [ops, plan.fields.length, plan.device.length, plan.additional.length, ...trailer],
    timeColumn: plan.timeColumn,
  }
}

function headerWords(memory: WorkMemory, inputs: Inputs | null): readonly number[] | null {
  const words = inputWords(memory, inputs)
  return words && [...new Array<number>(OP_WORDS - words.length).fill(0), ...words]
}

function opWords(memory: WorkMemory, value: ValuePlan, label: Buffer | null): readonly number[] | null {
  const prefix = memory.keepBytes(Buffer.from(` ${value.key}=`))
  const values = memory.keepBytes(conditionBytes(value.when?.values ?? []))
  const labelAt = memory.keepBytes(label ?? Buffer.alloc(0))
  const inputs = inputWords(memory, value.inputs ?? null)
  if (prefix === undefined || values === undefined || labelAt === undefined || inputs === null) return null
  return [
    kinds.indexOf(value.as),
    value.derive === null ? value.column : (value.inputs?.first ?? -1),
    value.derive === null ? 0 : 1,
    ...prefix,
    value.as === 'text' ? value.maxBytes : value.max.toString().length,
    value.when?.column ?? NO_COLUMN,
    values[0],
    value.when?.values.length ?? 0,
    value.when?.negate ? 1 : 0,
    ...labelAt,
    0,
    ...inputs,
  ]
}

function inputWords(memory: WorkMemory, inputs: Inputs | null): readonly number[] | null {
  const { columns = [], blanks = [], unless = null } = inputs ?? {}
  const words = [...columns, ...blanks.map((column) => column + BLANKNESS)]
  const inputsAt = memory.keep(words.length * 4)
  const text = memory.keepBytes(unless?.text ?? Buffer.alloc(0))
  if (inputsAt === undefined || text === undefined) return null
  memory.words.set(words, inputsAt / 4)
  return [inputsAt, inputs === null ? NO_COLUMN : words.length, unless?.column ?? NO_COLUMN, ...text]
}

/** Each value as its length in a word and its bytes. */
function conditionBytes(values: readonly string[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(Buffer.byteLength(value))
      return [length, Buffer.from(value)]
    }),
  )
}
