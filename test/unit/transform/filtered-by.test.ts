import { expect, test } from 'vitest'
import { frameShape } from '../../../src/encode/options.ts'
import { compileFilter, ruleNames } from '../../../src/filter/filter.ts'
import type { FilterSettings } from '../../../src/filter/options.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { createPartParser } from '../../../src/parse/parser.ts'
import { createTransform, type TransformOptions } from '../../../src/transform/chunk-to-batch.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, eventPlan, layoutOf } from '../../support/records.ts'

const settings: FilterSettings = {
  events: ['SEND', 'FAIL'],
  filter: { sources: ['SMTP'] },
  noise: ['shadow-redundancy'],
}
const layout = layoutOf(['date-time', 'source', 'event-id'])

function transform(options: Partial<TransformOptions> = {}) {
  const memory = new WorkMemory()
  const failed = new Uint32Array(ruleNames(settings).length)
  return createTransform({
    memory,
    parse: createPartParser(memory),
    planFor: () => eventPlan({}),
    filterFor: compileFilter(settings, failed),
    failed,
    frame: {
      syslog: frameShape.syslog.parse({ header: 'none' }),
      host: 'h',
      framing: 'lf',
      maxMessageBytes: 65536,
    },
    now: () => 0,
    ...options,
  })
}

const row = (event: string, source = 'SMTP') => `2026-11-20T14:00:00.000Z,${source},${event}\r\n`

test('each filtered row is counted for the first rule that it does not meet', () => {
  expect(ruleNames(settings)).toEqual([
    'events: SEND, FAIL',
    'filter.sources: SMTP',
    'noise: shadow-redundancy',
  ])
  const rows = [row('SEND'), row('RECEIVE'), row('RECEIVE', 'AGENT'), row('SEND', 'AGENT'), row('FAIL')]
  const chunkToBatch = transform()
  const { counts } = onlyBatch(chunkToBatch(chunkOf(rows.join(''), layout)))
  expect(counts).toMatchObject({ events: 2, filtered: 3, filteredBy: [2, 1, 0] })
  // Those of the next chunk alone; and none, where none was filtered.
  expect(onlyBatch(chunkToBatch(chunkOf(row('SEND', 'AGENT'), layout))).counts.filteredBy).toEqual([0, 1, 0])
  expect(onlyBatch(chunkToBatch(chunkOf(row('SEND'), layout))).counts.filteredBy).toBeUndefined()
})

test('what was given up is counted when it is read again, and not before', () => {
  // Goes on in another batch behind the first row, when the filter has seen all of them.
  const divideFor: TransformOptions['divideFor'] = () =>
    function* (records) {
      yield { records, done: 1, made: 0 }
      yield { records, done: 2, made: 0 }
    }
  const chunkToBatch = transform({ divideFor })
  const chunk = chunkOf([row('SEND'), row('SEND'), row('RECEIVE')].join(''), layout)
  const [first] = chunkToBatch(chunk)
  expect(first?.counts.filteredBy).toBeUndefined()
  let again = 0
  for (const { counts } of chunkToBatch(chunk)) again += counts.filteredBy?.[0] ?? 0
  expect(again).toBe(1)
})
