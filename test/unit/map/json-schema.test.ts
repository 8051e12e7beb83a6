import { expect, test } from 'vitest'
import * as z from 'zod'
import { loadDictionary } from '../../../src/map/table/load.ts'
import { cefKeySchema } from '../../../src/map/table/row-schema.ts'
import { mappingFileSchema } from '../../../src/map/table/schema.ts'

test('mappings/mapping.schema.json is what the schema says (write it anew with `npx vitest run -u`)', async () => {
  const labels = new Set([...loadDictionary().keys.values()].map(({ label }) => label))
  const keys = [...loadDictionary().keys.keys()].filter((key) => !labels.has(key))
  const schema = z.toJSONSchema(mappingFileSchema, {
    io: 'input',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === cefKeySchema) jsonSchema.enum = keys
    },
  })
  const text = `${JSON.stringify({ title: 'msgtrk mapping table', ...schema }, null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../../mappings/mapping.schema.json')
})
