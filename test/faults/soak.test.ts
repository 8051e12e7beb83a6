/** A short run of the soak; `npm run test:faults` is the long one. */
import { expect, test } from 'vitest'
import { Workplace } from '../support/program.ts'
import { isThorough } from '../support/runs.ts'
import { playRound } from './soak-round.ts'

test.concurrent.for([
  ['tcp', 1],
  ['tls', 2],
] as const)(
  'killed, stalled and reset at random over %s (seed %i), nothing is lost',
  {
    timeout: 240_000,
  },
  async ([protocol, seed], { onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const round = await playRound({ place, protocol, seed, faultMs: 8000, rowsPerSecond: 600 })
    expect(round.settledMs).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(round).toMatchObject({
      lost: 0,
      altered: 0,
      outOfOrder: 0,
      wrongCuts: 0,
      missingLetters: 0,
      examples: [],
    })
    expect(round.records).toBeGreaterThan(1000)
  },
)

// Minutes in the logs are minutes here.
test
  .runIf(isThorough)
  .concurrent('of mails no row is lost either (seed 3)', { timeout: 400_000 }, async ({ onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const options = {
      place,
      protocol: 'tcp',
      seed: 3,
      faultMs: 20_000,
      rowsPerSecond: 600,
      mails: true,
    } as const
    const round = await playRound(options)
    expect(round.settledMs).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(round).toMatchObject({ lost: 0, altered: 0, missingLetters: 0, examples: [] })
    expect(round.records).toBeGreaterThan(1000)
  })
