/** Whatever happens to a folder whose sizes and times do not move: every row is delivered, or told as lost. */
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { runs } from '../support/runs.ts'
import { type Action, TailWorld } from './tail-world.ts'

vi.mock('node:fs/promises', async () => (await import('../support/stale-files.ts')).staleFiles())

const file = fc.nat(20)
const kinds = fc.constantFrom('look', 'settle', 'rewind', 'restart', 'folder away', 'folder back')

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      prefix: fc.constantFrom('', 'MD'),
      rows: fc.nat(6),
      hasHeader: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('append' as const), file, rows: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('append half' as const, 'delete' as const), file }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), chunks: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('commit' as const), part: fc.constantFrom(0, 0.5, 1) }),
  },
  { weight: 4, arbitrary: fc.record({ do: kinds }) as fc.Arbitrary<Action> },
)

/** One of which a loss is told for sure. */
const losing: Action[] = [
  { do: 'create', prefix: '', rows: 6, hasHeader: true },
  { do: 'look' },
  { do: 'delete', file: 0 },
  { do: 'look' },
]

it('delivers or reports every row', async () => {
  let lost = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 30 }), async (actions) => {
      lost += (await TailWorld.run(actions, true)).length
    }),
    { numRuns: runs(60), examples: [[losing]], endOnFailure: true },
  )
  expect(lost).toBeGreaterThan(0)
})
