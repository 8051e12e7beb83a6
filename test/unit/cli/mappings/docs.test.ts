/** What docs/mapping.md says in words must be true. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { additionalStyles } from '../../../../src/map/options.ts'
import { parseCategories } from '../../../../src/map/table/categories.ts'
import { builtInMappings, loadDictionary, parseMapping } from '../../../../src/map/table/load.ts'
import { converters } from '../../../../src/map/table/row-schema.ts'

const introduction = readFile(join(import.meta.dirname, '../../../../docs/parts/mapping.md'), 'utf8')

test('its example is a correct table', async () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(await introduction) ?? []
  const { id, content } = parseMapping('example.yaml', example, { dictionary: loadDictionary() })
  expect(id).toBe('contoso.v1')
  const keys = content.fields.map(({ key }) => key)
  expect(keys).toEqual(expect.arrayContaining(['rt', 'outcome', 'reason', 'app', 'deviceFacility']))
  expect(keys[keys.indexOf('cat') + 1]).toBe('outcome')
  expect(keys).not.toContain('cs5')
})

test('its example of a file of categories is one', async () => {
  const [, example = ''] = /```\n(event\.deviceEventClassId.*?)```/s.exec(await introduction) ?? []
  expect(parseCategories('categories.csv', example)).toEqual({
    RECEIVE: { categoryObject: '/Host/Application/Service', categoryOutcome: '/Success' },
  })
})

test('its introduction leaves out no built-in table', async () => {
  for (const id of builtInMappings())
    expect(await introduction).toContain(`| \`${id.replace(/\.v\d+$/, '')}\` |`)
})

test('its introduction leaves out no converter and no style', async () => {
  const text = await introduction
  for (const name of [...converters, ...additionalStyles]) expect(text).toContain(`\`${name}\``)
})
