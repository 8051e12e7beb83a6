import { expect, test } from 'vitest'
import { graphInWords, layoutGraph } from '../../../src/page/graph-layout.ts'
import { destination, source, status, trouble } from '../../support/statuses.ts'

const two = status({
  sources: [source('EX01'), source('EX02')],
  destinations: [
    destination('siem', [
      { source: 'EX01', rows: 120 },
      { source: 'EX02', rows: 0, bytes: 4000, age: 700 },
    ]),
  ],
})

test('an edge for each source and destination, with its rate and lag', () => {
  const { edges, sources, destinations } = layoutGraph(two, 1000)
  expect(edges.map(({ label, tone, isIdle }) => [label?.text, tone, isIdle])).toEqual([
    ['120/s', 'well', false],
    ['0/s · 11 min', 'behind', true],
  ])
  expect(edges[0]!.width).toBeGreaterThan(edges[1]!.width)
  expect(sources.map(({ name, line, href }) => [name, line, href])).toEqual([
    ['EX01', '10 rows/s', '#source-0'],
    ['EX02', '10 rows/s', '#source-1'],
  ])
  expect(destinations.map(({ name, line, href }) => [name, line, href])).toEqual([
    ['siem', '11 min behind', '#destination-0'],
  ])
})

test.each([328, 700, 1128])('nothing overlaps or stands out at a width of %i', (width) => {
  const names = Array.from({ length: 12 }, (_, index) => `EX${index}`)
  const to = ['a', 'b', 'c']
  const shown = status({
    sources: names.map((name) => source(name)),
    destinations: to.map((name) =>
      destination(
        name,
        names.map((source) => ({ source, rows: 5 })),
      ),
    ),
  })
  const { height, nodeWidth, nodeHeight, sources, destinations, edges } = layoutGraph(shown, width)
  for (const column of [sources, destinations]) {
    expect(column[0]!.y).toBeGreaterThanOrEqual(0)
    expect(column.at(-1)!.y + nodeHeight).toBeLessThanOrEqual(height)
    for (const [index, node] of column.entries()) {
      if (index > 0) expect(node.y).toBeGreaterThan(column[index - 1]!.y + nodeHeight)
    }
  }
  expect(sources[0]!.x + nodeWidth).toBeLessThan(destinations[0]!.x)
  expect(destinations[0]!.x + nodeWidth).toBe(width)
  expect(edges).toHaveLength(sources.length * destinations.length)
  for (const { label } of edges) {
    if (label === null) continue
    expect(label.x).toBeGreaterThan(nodeWidth)
    expect(label.x).toBeLessThan(width - nodeWidth)
  }
})

test('of many sources the gravest are shown, and one for the rest', () => {
  const names = Array.from({ length: 20 }, (_, index) => `EX${index}`)
  const shown = status({
    sources: names.map((name) => source(name)),
    destinations: [
      destination(
        'siem',
        names.map((source) => ({ source, rows: 2 })),
      ),
    ],
    findings: [trouble('source EX17')],
  })
  const { sources, edges } = layoutGraph(shown, 1000)
  expect(sources).toHaveLength(8)
  expect(sources.map(({ name }) => name)).toContain('EX17')
  expect(sources.at(-1)).toMatchObject({ name: '13 more sources', tone: 'well', href: '#sources' })
  expect(edges.at(-1)!.label?.text).toBe('26/s')
})

test('only what nothing can come through is cut; other trouble of a part is not', () => {
  const flows = [
    { source: 'EX01', rows: 3 },
    { source: 'EX02', rows: 0 },
  ]
  const shown = status({
    sources: [source('EX01'), source('EX02', { reachable: false })],
    destinations: [destination('siem', flows, { state: 'unavailable' }), destination('lake', flows)],
    findings: [trouble('destination lake')],
  })
  const { edges, destinations } = layoutGraph(shown, 1000)
  expect(edges.map(({ tone }) => tone)).toEqual(['trouble', 'well', 'trouble', 'trouble'])
  expect(destinations.map(({ tone, line }) => [tone, line])).toEqual([
    ['well', 'Unavailable'],
    ['trouble', 'tcp://lake:514'],
  ])
})

test('where there is little room, the rate stands alone, and then nothing', () => {
  const { edges } = layoutGraph(two, 328)
  expect(edges.map(({ label }) => label?.text)).toEqual(['120/s', '0/s'])
  expect(layoutGraph(two, 200).edges.map(({ label }) => label)).toEqual([null, null])
})

test('says in words what it shows', () => {
  expect(graphInWords(two)).toBe(
    'From EX01, 10 rows a second; EX02, 10 rows a second. To siem, 10 events a second, 11 min behind.',
  )
})
