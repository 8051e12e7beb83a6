/** The filters that have a name, held against what exchange-hunting says of the same records. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReadyName } from '../../src/filter/options.ts'
import type { Transform } from '../../src/flow/in-parts.ts'
import type { Organisation } from '../../src/map/options.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import type { EventOptions } from '../../src/transform/event-transform.ts'
import { onlyBatch } from '../support/batches.ts'
import { logged } from '../support/logged-rows.ts'
import { plainTransform } from '../support/plain-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

type Version = keyof typeof knownColumns
type Event = ReadonlyMap<string, string>

/** The events that become of the rows, by their subjects, which are all different. */
function eventsOf(
  rows: readonly Readonly<Record<string, string>>[],
  version: Version,
  transform: Transform,
): ReadonlyMap<string, Event> {
  const columns = knownColumns[version]
  const bytes = Buffer.concat(
    rows.map((row, index) =>
      csvRow(columns.map((name) => (name === 'message-subject' ? `${index}` : (row[name] ?? '')))),
    ),
  )
  const { frames, ends } = onlyBatch(transform(chunkOf(bytes, layoutOf(columns))))
  const events = [...ends].map((end, index) =>
    decodeCef(Buffer.from(frames.subarray(ends[index - 1] ?? 0, end - 1))),
  )
  return new Map(
    events.map((decoded) => {
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
      const { extension, eventClassId } = decoded.event
      return [extension.get('msg') ?? '', new Map([...extension, ['id', eventClassId]])]
    }),
  )
}

const says: Readonly<Record<Exclude<ReadyName, 'failed'>, (event: Event) => boolean>> = {
  'left-organisation': (event) => event.get('deviceDirection') === '1',
  entered: (event) => event.get('id') === 'RECEIVE' && event.get('deviceDirection') === '0',
  'auto-forwarded': (event) => event.has('ad.forwarded-by'),
  'anonymous-relay': (event) =>
    event.get('spriv') === 'anonymous' && event.get('cat') === 'SMTP' && Number(event.get('cn3') ?? 0) > 0,
  'rule-hits': (event) =>
    event.get('id') === 'AGENTINFO' &&
    ['rule-hits', 'data-classification', 'malware-verdict'].some((name) => event.has(`ad.${name}`)),
}
const known = { domains: ['x.example'], connectors: ['To the Internet', 'EX01\\Default EX01'] }
const organisations: readonly (Organisation | undefined)[] = [
  undefined,
  { domains: known.domains },
  { connectors: known.connectors },
  known,
]

test.each(organisations)('each takes what exchange-hunting says of the events of %j', (organisation) => {
  // Without domains it is not known who relays.
  const filters = Object.entries(says).filter(
    ([name]) => name !== 'anonymous-relay' || organisation?.domains !== undefined,
  )
  const transformWith = (more: Partial<EventOptions>) =>
    plainTransform({ mapping: 'exchange-hunting.v1', organisation, ...more })
  const transform = transformWith({})
  const ofFilters = filters.map(
    ([name, holds]) => ({ name, holds, filtering: transformWith({ only: [name as ReadyName] }) }) as const,
  )
  fc.assert(
    fc.property(
      fc.array(logged, { minLength: 1, maxLength: 60, size: 'max' }),
      fc.constantFrom<Version>('2010', '2013', '2016'),
      (rows, version) => {
        const all = eventsOf(rows, version, transform)
        for (const { name, holds, filtering } of ofFilters) {
          const taken = eventsOf(rows, version, filtering)
          const expected = [...all].filter(([, event]) => holds(event)).map(([subject]) => subject)
          expect([...taken.keys()], name).toEqual(expected)
        }
      },
    ),
    { numRuns: runs(40) },
  )
})
