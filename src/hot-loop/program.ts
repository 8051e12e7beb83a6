/**
 * An event plan as the hot loop reads it: ops, and the bytes they point to, in memory that stays.
 *
 *   ops     [header][field 0][field 1] … [device …][additional …]   see `Op` in wasm/job.ts
 *   inputs  each column that a header or a value is made of, and where those are in it   see inputs.ts
 *   bytes   prefixes, labels, values of conditions, the trailer
 */
import type { Conversion, EventPlan, Inputs, ValuePlan } from '../flow/plan.ts'
import * as contract from './contract.ts'
import { type InputsInMemory, type InputWords, keepInputs, type ProgramInputs } from './inputs.ts'
import type { WorkMemory } from './memory.ts'
import { Struct, type Words } from './words.ts'

const kinds: Readonly<Record<Conversion, number>> = {
  text: contract.KIND_TEXT,
  integer: contract.KIND_INTEGER,
  'epoch-millis': contract.KIND_TIME,
  ipv4: contract.KIND_IPV4,
  ipv6: contract.KIND_IPV6,
  ip: contract.KIND_IP,
  'receipt-time': contract.KIND_RECEIPT,
}

/** What the job says about the program. */
export type Program = ProgramInputs &
  Pick<
    Words<'ENCODE'>,
    | typeof contract.ENCODE_OPS
    | typeof contract.ENCODE_FIELD_COUNT
    | typeof contract.ENCODE_DEVICE_COUNT
    | typeof contract.ENCODE_ADDITIONAL_COUNT
    | typeof contract.ENCODE_TRAILER
    | typeof contract.ENCODE_TRAILER_LENGTH
  >

/** What the op of the header says beside its inputs: nothing. */
const noValue: Omit<Words<'OP'>, keyof InputWords> = {
  [contract.OP_KIND]: 0,
  [contract.OP_COLUMN]: 0,
  [contract.OP_IS_DERIVED]: 0,
  [contract.OP_PREFIX]: 0,
  [contract.OP_PREFIX_LENGTH]: 0,
  [contract.OP_LIMIT]: 0,
  [contract.OP_WHEN_COLUMN]: 0,
  [contract.OP_VALUES]: 0,
  [contract.OP_VALUE_COUNT]: 0,
  [contract.OP_NEGATE]: 0,
  [contract.OP_LABEL]: 0,
  [contract.OP_LABEL_LENGTH]: 0,
  [contract.OP_IS_PRESENT]: 0,
  [contract.OP_CHOOSES]: 0,
}

/** Of each value of the plan, in its order: what stands behind it as its label, and all of it where that is fixed. */
interface Texts {
  readonly labels: readonly (Buffer | null)[]
  readonly fixed: readonly (Buffer | null)[]
}

/** Puts the plan into memory; null when there is no room left in it. */
export function compileProgram(
  memory: WorkMemory,
  plan: EventPlan,
  header: Inputs | null,
  { labels, fixed }: Texts,
): Program | null {
  const values = [...plan.fields, ...plan.device, ...plan.additional]
  const opBytes = 4 * contract.WORDS_OF_OP
  const ops = memory.keep((1 + values.length) * opBytes)
  const trailer = memory.keepBytes(Buffer.from(` ${plan.trailer}`))
  const inputs = keepInputs(memory, [header, ...values.map(({ inputs = null }) => inputs)])
  if (ops === undefined || trailer === undefined || inputs === null) return null
  const ofHeader = inputs.of(header)
  const all = [
    ofHeader && { ...noValue, ...ofHeader },
    ...values.map((value, index) =>
      opWords(memory, inputs, value, labels[index] ?? null, fixed[index] ?? null),
    ),
  ]
  for (const [index, words] of all.entries()) {
    if (words === null) return null
    new Struct<'OP'>(memory, ops + index * opBytes).write(words)
  }
  return {
    ...inputs.words,
    [contract.ENCODE_OPS]: ops,
    [contract.ENCODE_FIELD_COUNT]: plan.fields.length,
    [contract.ENCODE_DEVICE_COUNT]: plan.device.length,
    [contract.ENCODE_ADDITIONAL_COUNT]: plan.additional.length,
    [contract.ENCODE_TRAILER]: trailer[0],
    [contract.ENCODE_TRAILER_LENGTH]: trailer[1],
  }
}

function opWords(
  memory: WorkMemory,
  all: InputsInMemory,
  value: ValuePlan,
  label: Buffer | null,
  fixed: Buffer | null,
): Words<'OP'> | null {
  const prefix = memory.keepBytes(fixed ?? Buffer.from(` ${value.key}=`))
  const values = memory.keepBytes(conditionBytes(value.when?.values ?? []))
  const labelAt = memory.keepBytes(label ?? Buffer.alloc(0))
  const inputs = all.of(value.inputs ?? null)
  if (prefix === undefined || values === undefined || labelAt === undefined || inputs === null) return null
  return {
    [contract.OP_KIND]: fixed === null ? kindOf(value) : contract.KIND_FIXED,
    [contract.OP_COLUMN]: value.derive === null ? value.column : (value.inputs?.first ?? -1),
    [contract.OP_IS_DERIVED]: value.derive === null ? 0 : 1,
    [contract.OP_PREFIX]: prefix[0],
    [contract.OP_PREFIX_LENGTH]: prefix[1],
    [contract.OP_LIMIT]: value.as === 'text' ? value.maxBytes : value.max.toString().length,
    [contract.OP_WHEN_COLUMN]: value.when?.column ?? contract.NO_COLUMN,
    [contract.OP_VALUES]: values[0],
    [contract.OP_VALUE_COUNT]: value.when?.values.length ?? 0,
    [contract.OP_NEGATE]: value.when?.negate ? 1 : 0,
    [contract.OP_LABEL]: labelAt[0],
    [contract.OP_LABEL_LENGTH]: labelAt[1],
    [contract.OP_IS_PRESENT]: 0,
    [contract.OP_CHOOSES]: value.chooses ? 1 : 0,
    ...inputs,
  }
}

function kindOf({ as, derive, when }: ValuePlan): number {
  return as === 'text' && derive === null && when === null ? contract.KIND_PLAIN : kinds[as]
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
