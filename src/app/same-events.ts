/** Whether two destinations get the same events, so that these are made once for both. */
import { destinationShape } from '../destinations/options.ts'
import { reportShape } from '../report/options.ts'
import type { EventOptions } from '../transform/event-transform.ts'
import type { Transforming } from '../transform/threads.ts'
import { isSameValue } from './config-changes.ts'

/** Decided by more than the setting of that name. */
const ofFrames: ReadonlySet<string> = new Set<keyof EventOptions>([
  'format',
  'framing',
  'maxMessageBytes',
  'syslog',
])

/** Settings that say where events go, and when; all others may decide what stands in them. */
const ofDelivery: ReadonlySet<string> = new Set(
  ['formerName', ...Object.keys(destinationShape), ...Object.keys(reportShape)].filter(
    (name) => !ofFrames.has(name),
  ),
)

/** Whether the events of all rows are the same, byte for byte. */
export function haveSameEvents(one: Transforming, other: Transforming): boolean {
  return isSameValue(madeOf(one), madeOf(other))
}

function madeOf({ options, files = new Map() }: Transforming) {
  return {
    files,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => !ofDelivery.has(name))),
  }
}
