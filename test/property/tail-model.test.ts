/**
 * Whatever happens to a folder and to the pipeline that reads it: every row is delivered, or was in a file
 * that went before, and then the loss is reported: each byte once, none that was settled or is still there.
 * Opens, reads, stats and listings fail in between.
 */
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { systemErrors } from '../support/failing-files.ts'
import { runs } from '../support/runs.ts'
import { type Action, TailWorld } from './tail-world.ts'

vi.mock('node:fs/promises', async () => (await import('../support/failing-files.ts')).failingFiles())

const file = fc.nat(20)
const part = fc.constantFrom(0, 0.3, 0.5, 0.8, 1)
type Plain = 'look' | 'rewind' | 'restart' | 'settle' | 'folder away' | 'folder back'
const kinds = (...names: Plain[]) => fc.constantFrom(...names).map((name): Action => ({ do: name }))

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      prefix: fc.constantFrom('', 'MD'),
      rows: fc.nat(6),
      hasHeader: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('append' as const), file, rows: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('append half' as const), file }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'replace' as const), file }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shorten' as const), file, part }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), chunks: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), part }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      after: fc.nat(15),
      code: fc.constantFrom(...systemErrors),
    }),
  },
  { weight: 3, arbitrary: kinds('rewind') },
  { weight: 5, arbitrary: kinds('look', 'look', 'look', 'settle') },
  { weight: 1, arbitrary: kinds('restart') },
  { weight: 2, arbitrary: kinds('folder away', 'folder back', 'folder back') },
)

it.each([
  ['reading what is there, again and again', false, 300],
  ['following', true, 100],
] as const)('delivers or reports every row, %s', async (_, follow, all) => {
  const numRuns = runs(all)
  let lost = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40 }), async (actions) => {
      lost += (await TailWorld.run(actions, follow)).length
    }),
    // Following, a failure is a wait in vain: too long to look for a smaller one.
    { seed: 20261120, numRuns, endOnFailure: follow },
  )
  // Or nothing was put to the test.
  expect(lost).toBeGreaterThan(numRuns / 10)
})
