/** One event that says it is a test, sent as all others are: by the settings of a destination, to one of its receivers. */
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config, DestinationConfig } from '../../config/schema.ts'
import { createDestination } from '../../destinations/destination.ts'
import type { Outcome } from '../../flow/delivery.ts'
import { silent } from '../../flow/log.ts'
import { type Examined, failure, ok } from '../../mistakes/examined.ts'
import { ReportQueue } from '../../report/queue.ts'
import { reportKinds } from '../../report/report.ts'
import { eventOptions } from '../prepare.ts'
import { createReportTransform } from '../self-report.ts'

/** Through a relay an event counts after a minute; a receiver that never closes takes as long to be told. */
const limitMs = 75_000

/** Never rejects; gives up when `signal` aborts. */
export async function sendTestEvent(
  config: Config,
  settings: DestinationConfig,
  to: string,
  signal: AbortSignal,
): Promise<Examined> {
  if (eventOptions(config, settings).format === 'raw') {
    return ok('test event', 'none is sent: rows go out as they stand in the log, and it is none')
  }
  const { failover: _, failback: __, ...alone } = settings
  const destination = createDestination({ ...alone, to }, silent)
  const over = new AbortController()
  const startedMs = performance.now()
  try {
    const outcome = await Promise.race([
      deliver(config, settings, to, (batch) => destination.send(batch)),
      pause(limitMs, null, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => null),
    ])
    return told(outcome, Math.round(performance.now() - startedMs))
  } finally {
    over.abort()
    await destination.close()
  }
}

async function deliver(
  config: Config,
  settings: DestinationConfig,
  to: string,
  send: ReturnType<typeof createDestination>['send'],
): Promise<Outcome> {
  const queue = new ReportQueue({ host: hostname() })
  queue.add({
    atMs: Date.now(),
    kind: reportKinds.test,
    values: {
      message: 'This is a test event, sent by msgtrk check --live --send-test-event',
      outcome: 'success',
      destination: settings.name,
      receiver: to,
    },
  })
  queue.end()
  const transform = createReportTransform({ settings, options: eventOptions(config, settings) })
  for await (const chunk of queue.read(new Map(), new AbortController().signal)) {
    for (const batch of transform(chunk)) {
      const outcome = await (await send(batch)).outcome
      if (outcome.status !== 'delivered') return outcome
    }
  }
  return { status: 'delivered' }
}

function told(outcome: Outcome | null, ms: number): Examined {
  const remedy = 'see what the lines above say of this receiver, and look into its own log'
  if (outcome === null) return failure('test event', `was not confirmed within ${ms / 1000} s`, remedy)
  if (outcome.status === 'delivered') {
    const { id } = reportKinds.test
    return ok('test event', `counts as delivered after ${ms} ms; look for ${id} at the receiver`)
  }
  return failure('test event', `${outcome.status}: ${outcome.reason}`, remedy)
}
