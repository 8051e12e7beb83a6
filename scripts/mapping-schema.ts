/** mappings/mapping.schema.json, for editors: the shape of a mapping table, with the keys of the dictionary. */
import * as z from 'zod'
import { loadDictionary } from '../src/map/table/load.ts'
import { cefKeySchema } from '../src/map/table/row-schema.ts'
import { mappingFileSchema } from '../src/map/table/schema.ts'

/** The JSON schema of a mapping table. */
export function mappingJsonSchema(): object {
  const labels = new Set([...loadDictionary().keys.values()].map(({ label }) => label))
  const keys = [...loadDictionary().keys.keys()].filter((key) => !labels.has(key))
  const schema = z.toJSONSchema(mappingFileSchema, {
    io: 'input',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === cefKeySchema) jsonSchema.enum = keys
    },
  })
  return { title: 'msgtrk mapping table', ...schema }
}
