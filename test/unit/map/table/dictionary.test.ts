import { expect, test } from 'vitest'
import { typeIn } from '../../../../src/map/table/dictionary.ts'
import { loadDictionary } from '../../../../src/map/table/load.ts'

const dictionary = loadDictionary()
const entries = [...dictionary.keys.values()]

test('no key or full name stands there twice', () => {
  // A map swallows repeated keys, but not the full name that came with them.
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length)
  expect(entries.length).toBeGreaterThan(170)
})

test('strings have a length and nothing else has', () => {
  for (const { key, type, bytes } of entries)
    expect([key, bytes !== undefined]).toEqual([key, type === 'string'])
})

test('every custom key has a label that is a string, and every label key belongs to one', () => {
  const labels = entries.flatMap(({ label }) => label ?? [])
  expect([...labels].sort()).toEqual(
    entries
      .map(({ key }) => key)
      .filter((key) => key.endsWith('Label'))
      .sort(),
  )
  for (const label of labels) expect(dictionary.keys.get(label)?.type).toBe('string')
})

test.each([
  ['act', 'deviceAction', 'string', 63],
  ['app', 'applicationProtocol', 'string', 31],
  ['cat', 'deviceEventCategory', 'string', 1023],
  ['cs6', 'deviceCustomString6', 'string', 4000],
  ['cs6Label', 'deviceCustomString6Label', 'string', 1023],
  ['flexString1Label', 'flexString1Label', 'string', 128],
  ['dvchost', 'deviceHostName', 'string', 100],
  ['externalId', 'externalId', 'string', 40],
  ['outcome', 'eventOutcome', 'string', 63],
  ['rawEvent', 'rawEvent', 'string', 4000],
  ['rt', 'deviceReceiptTime', 'timestamp', undefined],
  ['cnt', 'baseEventCount', 'integer', undefined],
  ['cn1', 'deviceCustomNumber1', 'long', undefined],
  ['c6a2', 'deviceCustomIPv6Address2', 'ipv6', undefined],
  ['cfp4', 'deviceCustomFloatingPoint4', 'floating', undefined],
  ['dmac', 'destinationMacAddress', 'mac', undefined],
])('%s is %s, %s', (key, name, type, bytes) => {
  expect(dictionary.keys.get(key)).toMatchObject({ key, name, type })
  expect(dictionary.keys.get(key)?.bytes).toBe(bytes)
})

test.each([
  ['in', 'integer', 'long'],
  ['out', 'integer', 'long'],
  ['src', 'ipv4', 'ip'],
  ['dst', 'ipv4', 'ip'],
  ['dvc', 'ipv4', 'ip'],
  ['cn1', 'long', 'long'],
  ['msg', 'string', 'string'],
])('%s is %s in CEF 0 and %s in CEF 1', (key, cef0, cef1) => {
  const entry = dictionary.keys.get(key)
  expect(entry && [typeIn(entry, 0), typeIn(entry, 1)]).toEqual([cef0, cef1])
})

test('limits of the header and of additional data', () => {
  expect(dictionary.header).toEqual({ vendor: 63, product: 63, version: 31, eventClassId: 1023, name: 512 })
  expect(dictionary.additionalBytes).toBe(4000)
})
