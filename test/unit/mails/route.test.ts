import { expect, test } from 'vitest'
import { routeOf, shortName } from '../../../src/mails/route.ts'

const stop = (name: string, time: string) => ({ key: shortName(name), name, time })

test.each<[what: string, stops: readonly string[], hops: readonly string[], route: string]>([
  ['by their times', ['B1', 'A2'], [], 'B A'],
  ['by the hops between them, whatever the clocks say', ['A2', 'B1'], ['a>b'], 'A B'],
  ['over several hops', ['C1', 'B2', 'A3'], ['a>b', 'b>c'], 'A B C'],
  ['in a circle by their times', ['B2', 'A1'], ['a>b', 'b>a'], 'A B'],
  ['of the same time by their names', ['B1', 'A1'], [], 'A B'],
  ['without hops of others', ['B2', 'A1'], ['x>a', 'b>y'], 'A B'],
])('servers %s', (_, stops, hops, route) => {
  const given = stops.map((text) => stop(text.slice(0, 1), text.slice(1)))
  expect(routeOf(given, new Set(hops)).join(' ')).toBe(route)
})

test.each([
  ['EX01.contoso.example', 'ex01'],
  ['EX01', 'ex01'],
  ['10.0.0.1', '10.0.0.1'],
  ['fe80::1', 'fe80::1'],
])('%s is called %s among others', (name, short) => expect(shortName(name)).toBe(short))
