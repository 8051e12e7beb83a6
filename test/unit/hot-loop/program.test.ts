import { expect, test } from 'vitest'
import type { Inputs } from '../../../src/flow/plan.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { compileProgram } from '../../../src/hot-loop/program.ts'
import { eventPlan, valuePlan } from '../../support/records.ts'

const inputs: Inputs = {
  first: -1,
  columns: [0],
  blanks: [1],
  shapes: [2],
  unless: [{ column: 3, text: Buffer.from('a text') }],
}
const when = { column: 1, values: ['SEND', 'RECEIVE'], negate: false }
const values = [
  valuePlan({ key: 'cs1', column: 2, inputs, derive: () => 'made' }),
  valuePlan({ key: 'suser', column: 0 }),
  valuePlan({ key: 'cs2', column: 0 }),
  valuePlan({ key: 'cs3', column: 0, when }),
]

test.each([
  { what: 'a label', count: 3, labels: [null, null, Buffer.from(' cs2Label=from')] },
  { what: 'a prefix', count: 2, labels: [] },
  { what: 'the values of a condition', count: 4, labels: [] },
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
