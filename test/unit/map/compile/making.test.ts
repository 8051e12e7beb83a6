import { describe, expect, test } from 'vitest'
import type { Layout } from '../../../../src/flow/chunk.ts'
import { compileSeverity } from '../../../../src/map/compile/severity.ts'
import type { TableContent } from '../../../../src/map/table/schema.ts'
import { layoutOf } from '../../../support/records.ts'
import { oneRow, planOf } from '../own-table.ts'

const layout = layoutOf(['event-id', 'source', 'client-ip', 'server-ip', 'custom-data'])
type Value = Omit<NonNullable<TableContent['severity']['first']>[number], 'levels'>

/** What lookups of severity of these values are made of: never a copy, so that inputs are all there is to say. */
function inputsOf(values: readonly Value[], of: Layout) {
  const first = values.map((value) => ({ ...value, levels: {} }))
  return compileSeverity({ first, from: 'source', default: 3, levels: {} }, of, {}).inputs
}
const inputs = (value: Value, of: Layout = layout) => inputsOf([value], of)
const none = { first: -1, columns: [], blanks: [], shapes: [], sides: null, unless: [] }
const inCustomData = (text: string) => ({ column: 4, text: Buffer.from(text) })

describe('what a value is made of', () => {
  test.each<[string, Value, readonly number[]]>([
    ['a constant', { from: { constant: 1 } }, []],
    ['a column', { from: 'source' }, [1]],
    ['the first of several parts', { from: ['client-ip', { column: 'server-ip' }, '#Source'] }, [2, 3]],
    ['a template', { from: { template: '{client-ip} of {source}' } }, [2, 1]],
    ['its condition', { from: 'source', unless: { 'event-id': ['SEND', ''] } }, [0, 1]],
    [
      'the condition of a part',
      { from: [{ column: 'source', when: { 'event-id': ['SEND'] } }, 'client-ip'] },
      [0, 1, 2],
    ],
    ['columns of this layout', { from: ['message-id', 'source'], when: { 'tenant-id': [''] } }, [1]],
  ])('%s', (_, value, columns) => {
    expect(inputs(value)).toEqual({ ...none, columns })
  })

  test('a column that is only asked for being empty', () => {
    const when = { 'client-ip': [''], source: ['SMTP'] }
    expect(inputs({ from: 'source', when })).toEqual({ ...none, columns: [1], blanks: [2] })
    expect(inputs({ from: 'client-ip', when })).toEqual({ ...none, columns: [1, 2] })
  })

  test('nothing of a part that no record can have', () => {
    const never = { column: 'source', when: { 'tenant-id': ['a'], 'server-ip': ['b'] } }
    expect(inputs({ from: [never, 'client-ip'] })).toEqual({ ...none, columns: [2] })
  })

  test('a key of custom-data, where it stands', () => {
    const unless = [inCustomData('S:A=')]
    expect(inputs({ from: { custom: 'S:A' } })).toEqual({ ...none, unless })
    expect(inputs({ from: 'source', when: { 'S:A': [''] } })).toEqual({ ...none, columns: [1], unless })
    expect(inputs({ from: [{ custom: 'S:A' }, { template: '{S:A} {source}' }] })).toEqual({
      ...none,
      columns: [1],
      unless,
    })
  })

  test('several keys of custom-data, by what they begin with where that is long enough', () => {
    expect(inputs({ from: [{ custom: 'S:A' }, { custom: 'S:B' }] })).toEqual({
      ...none,
      unless: [inCustomData('S:A='), inCustomData('S:B=')],
    })
    expect(inputs({ from: [{ custom: 'S:ClientName' }, { custom: 'S:ClientIp' }] })).toEqual({
      ...none,
      unless: [inCustomData('S:Client')],
    })
    expect(inputs({ from: { custom: 'S:A' } }, layoutOf(['source']))).toEqual(none)
  })

  test('all of several values', () => {
    const when = { 'client-ip': [''] }
    expect(inputsOf([{ from: 'source', when }, { from: 'client-ip' }], layout)).toEqual({
      ...none,
      columns: [1, 2],
    })
  })
})

describe('the column that is copied where it is not blank', () => {
  const columns = ['event-id', 'source', 'client-hostname', 'server-hostname']
  test.each([
    ['from: [client-hostname, server-hostname]', 2],
    ['from: [client-hostname, server-hostname], when: { event-id: [SEND] }', 2],
    ['from: [tenant-id, client-hostname, { constant: none }]', 2],
    ['from: [client-hostname, server-hostname], when: { event-id: [SEND], source: [SMTP] }', -1],
    ['from: [{ column: client-hostname, when: { event-id: [SEND] } }, server-hostname]', -1],
    ['from: [{ column: client-hostname, capture: a }, server-hostname]', -1],
    ['from: [client-hostname, server-hostname], capture: a', -1],
    ["from: ['#Source', client-hostname]", -1],
    ['from: [{ column: client-hostname, unless: { tenant-id: [a] } }, server-hostname]', 2],
  ])('%s', (row, first) => {
    expect(planOf(oneRow(row), columns).fields[0]?.inputs?.first).toBe(first)
  })
})
