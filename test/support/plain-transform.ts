/** The transform of tests to whom syslog does not matter: events as they are, a line each, however long. */
import type { Transform } from '../../src/flow/in-parts.ts'
import { createEventTransform, type EventOptions } from '../../src/transform/event-transform.ts'

/** With the defaults of `convert`, but for these options. */
export function plainTransform(options: Partial<EventOptions>): Transform {
  return createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    ...options,
  })
}
