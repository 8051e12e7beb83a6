import { expect, test } from 'vitest'
import { countersOf, destinationStatus } from '../../../src/app/destination-status.ts'
import type { PipelineView } from '../../../src/app/running-pipeline.ts'
import { Gate } from '../../../src/deliver/gate.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import { Trouble } from '../../../src/flow/trouble.ts'
import { PipelineWatch } from '../../../src/status/pipeline-watch.ts'
import { Rates } from '../../../src/status/rates.ts'

const [first, second] = ['kafka://b1/topic', 'kafka://b2/topic'] as const
const refused = new Trouble().is('connection refused')
const receiver = (to: string, wrong = refused) => ({ to, wrong, isLasting: false, advice: null })

/** How a destination is whose pipeline was told this. */
async function told(watch: PipelineWatch, active: string = first, gate = new Gate()) {
  const view = {
    name: 'siem',
    settings: { to: first, failover: [second] },
    statistics: new PipelineStatistics(),
    destination: { active },
    positions: new Map(),
    mails: null,
    gate,
    startedMs: 0,
  } as unknown as PipelineView
  const rates = new Rates(countersOf(view, []))
  const { status, facts } = await destinationStatus(
    { view, watch, rates },
    { sources: [], keeps: new Map(), nowMs: 1 },
  )
  return { state: status.state, reason: facts.down?.reason ?? null }
}

test('a destination is down as soon as it says so, though no batch was given up yet', async () => {
  const watch = new PipelineWatch()
  expect(await told(watch)).toEqual({ state: 'idle', reason: null })
  watch.receiverChanged(receiver(first))
  expect(await told(watch)).toEqual({ state: 'unavailable', reason: 'connection refused' })
  // Another one takes its place.
  expect(await told(watch, second)).toEqual({ state: 'idle', reason: null })
  watch.receiverChanged({ ...receiver(first), wrong: null })
  expect(await told(watch)).toEqual({ state: 'idle', reason: null })
})

test('why batches fail counts more than what the receiver said', async () => {
  const watch = new PipelineWatch()
  watch.receiverChanged(receiver(first))
  const wrong = new Trouble().is('no answer')
  if (wrong !== null) watch.unavailable(wrong)
  expect(await told(watch)).toEqual({ state: 'unavailable', reason: 'no answer' })
})
