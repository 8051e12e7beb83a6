/**
 * An event plan as the hot loop reads it: ops, and the bytes they point to, in memory that stays.
 *
 *   ops            [field 0][field 1] … [device …][additional …]   see `Op` in wasm/encode.ts
 *   headerSlots    addresses of rendered headers, by the hash of their columns
 *   bytes          prefixes, labels, values of conditions, the trailer
 */
import type { EventPlan, ValuePlan } from '../types.ts'
import type { WorkMemory } from '../work-memory.ts'
import type { CefHeader, CefHeaders } from './cef-header.ts'

/** In the order of the constants in wasm/encode.ts. */
const kinds = ['text', 'integer', 'epoch-millis', 'ipv4', 'ipv6', 'ip', 'derived'] as const

const OP_WORDS = 12
const HEADER_SLOTS = 1024
const HEADER_BYTES = 48 << 10
const NO_COLUMN = 0xffffffff

/** What the job says about the program, in its order. */
export interface Program {
  readonly words: readonly number[]
  readonly timeColumn: number
  /** Lets the loop find a rendered header by itself from now on, if there is room. */
  learn(hash: number, key: Buffer, header: CefHeader): void
}

/** Puts the plan into memory; null when there is no room left in it. */
export function compileProgram(
  memory: WorkMemory,
  plan: EventPlan,
  headers: CefHeaders,
  labels: readonly (Buffer | null)[],
): Program | null {
  const values = [...plan.fields, ...plan.device, ...plan.additional]
  const ops = memory.keep(values.length * OP_WORDS * 4)
  const slots = memory.keep(HEADER_SLOTS * 4)
  const learned = memory.keep(HEADER_BYTES)
  const headerColumns = memory.keep(headers.columns.length * 4)
  const trailer = memory.keepBytes(Buffer.from(` ${plan.trailer}`))
  if (!ops || !slots || !learned || headerColumns === undefined || trailer === undefined) return null
  memory.words.set(headers.columns, headerColumns / 4)
  memory.words.fill(0, slots / 4, slots / 4 + HEADER_SLOTS)
  for (const [index, value] of values.entries()) {
    const words = opWords(memory, value, labels[index] ?? null)
    if (words === null) return null
    memory.words.set(words, ops / 4 + index * OP_WORDS)
  }
  let learnedEnd = learned

  return {
    words: [
      ...[ops, plan.fields.length, plan.device.length, plan.additional.length, ...trailer],
      ...[headerColumns, headers.columns.length, slots, HEADER_SLOTS - 1],
    ],
    timeColumn: plan.timeColumn,
    learn(hash, key, { bytes, severity }) {
      const slot = slots / 4 + (hash & (HEADER_SLOTS - 1))
      const size = 12 + key.length + bytes.length
      if (memory.words[slot] !== 0 || learnedEnd + size > learned + HEADER_BYTES) return
      memory.words.set([key.length, severity, bytes.length], learnedEnd / 4)
      memory.bytes.set(key, learnedEnd + 12)
      memory.bytes.set(bytes, learnedEnd + 12 + key.length)
      memory.words[slot] = learnedEnd
      learnedEnd += Math.ceil(size / 4) * 4
    },
  }
}

function opWords(memory: WorkMemory, value: ValuePlan, label: Buffer | null): readonly number[] | null {
  const prefix = memory.keepBytes(Buffer.from(` ${value.key}=`))
  const values = memory.keepBytes(conditionBytes(value.when?.values ?? []))
  const labelAt = memory.keepBytes(label ?? Buffer.alloc(0))
  if (prefix === undefined || values === undefined || labelAt === undefined) return null
  return [
    kinds.indexOf(value.derive === null ? value.as : 'derived'),
    value.column,
    ...prefix,
    value.as === 'text' ? value.maxBytes : value.max.toString().length,
    value.when?.column ?? NO_COLUMN,
    values[0],
    value.when?.values.length ?? 0,
    value.when?.negate ? 1 : 0,
    ...labelAt,
    0,
  ]
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
