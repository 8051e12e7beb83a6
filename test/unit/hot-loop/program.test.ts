import { expect, test } from 'vitest'
import type { Inputs } from '../../../src/flow/plan.ts'
import * as contract from '../../../src/hot-loop/contract.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { compileProgram } from '../../../src/hot-loop/program.ts'
import { Struct } from '../../../src/hot-loop/words.ts'
import { eventPlan, valuePlan } from '../../support/records.ts'

const inputs: Inputs = {
  first: -1,
  columns: [0],
  blanks: [1],
  shapes: [2],
  sides: null,
  unless: [{ column: 3, text: Buffer.from('a text') }],
}
const when = { column: 1, values: ['SEND', 'RECEIVE'], negate: false }
const values = [
  valuePlan({ key: 'cs1', column: 2, inputs, derive: () => 'made' }),
  valuePlan({ key: 'suser', column: 0 }),
  valuePlan({ key: 'cs2', column: 0 }),
  valuePlan({ key: 'cs3', column: 0, when }),
  valuePlan({ key: 'cs4', column: 2, inputs, derive: () => 'made' }),
]

test.each([
  { what: 'a label', count: 3, labels: [null, null, Buffer.from(' cs2Label=from')] },
  { what: 'a prefix', count: 2, labels: [] },
  { what: 'the values of a condition', count: 4, labels: [] },
  { what: 'what a value is made of', count: 5, labels: [] },
])('a program has all its room, $what as well, or there is none', ({ count, labels }) => {
  const memory = new WorkMemory()
  const plan = eventPlan({ fields: values.slice(0, count) })
  const compile = () => compileProgram(memory, plan, { ...inputs, columns: [1, 2] }, { labels, fixed: [] })
  const start = memory.keptEnd
  expect(compile()).not.toBeNull()
  const size = memory.keptEnd - start
  expect(size).toBeGreaterThan(400)
  const room = memory.rowsAt - start
  for (let left = size; left >= 0; left -= 16) {
    memory.forget(start)
    memory.keep(room - left)
    expect(compile() === null, `${left} of ${size} bytes`).toBe(left < size)
  }
})

test('each value is of the kind that costs least', () => {
  const memory = new WorkMemory()
  const fields = [
    valuePlan({ key: 'suser', column: 3 }),
    valuePlan({ key: 'cs3', column: 3, when }),
    valuePlan({ key: 'cs1', column: 3, derive: () => 'made' }),
    valuePlan({ key: 'cn1', column: 3, as: 'integer' }),
    valuePlan({ key: 'dvchost', column: -1, derive: () => 'the same' }),
  ]
  const fixed = [null, null, null, null, Buffer.from(' dvchost=the same')]
  const program = compileProgram(memory, eventPlan({ fields }), null, { labels: [], fixed })!
  const ops = fields.map((_, index) => {
    const at = program[contract.ENCODE_OPS] + (1 + index) * 4 * contract.WORDS_OF_OP
    const op = new Struct<'OP'>(memory, at)
    const [start, length] = [op.get(contract.OP_PREFIX), op.get(contract.OP_PREFIX_LENGTH)]
    return {
      kind: op.get(contract.OP_KIND),
      isDerived: op.get(contract.OP_IS_DERIVED),
      prefix: memory.bytes.toString('latin1', start, start + length),
    }
  })
  expect(ops).toEqual([
    { kind: contract.KIND_PLAIN, isDerived: 0, prefix: ' suser=' },
    { kind: contract.KIND_TEXT, isDerived: 0, prefix: ' cs3=' },
    { kind: contract.KIND_TEXT, isDerived: 1, prefix: ' cs1=' },
    { kind: contract.KIND_INTEGER, isDerived: 0, prefix: ' cn1=' },
    { kind: contract.KIND_FIXED, isDerived: 1, prefix: ' dvchost=the same' },
  ])
})
