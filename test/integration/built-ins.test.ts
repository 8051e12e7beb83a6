/** What the build prepares is what the files say. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { BuiltIns } from '../../src/map/table/built-ins.ts'
import { builtInMappings, loadDictionary, loadMapping } from '../../src/map/table/load.ts'

const built = path.resolve(import.meta.dirname, '../../dist/built-ins.json')

test('dictionary and tables', () => {
  const prepared = JSON.parse(readFileSync(built, 'utf8')) as BuiltIns
  const dictionary = loadDictionary()
  expect(prepared.dictionary.keys).toEqual([...dictionary.keys.values()])
  expect(Object.keys(prepared.tables)).toEqual(builtInMappings())
  for (const [id, { content, extends: base }] of Object.entries(prepared.tables)) {
    const table = loadMapping(id, { dictionary })
    expect(content).toEqual(table.content)
    expect(base).toBe(table.extends)
  }
})
