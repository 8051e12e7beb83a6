/** Run by the build: writes `dist/built-ins.json`, from which the program starts faster than from YAML. */
import { rmSync, writeFileSync } from 'node:fs'
import type { BuiltIns } from './built-ins.ts'
import { builtInMappings, loadDictionary, loadMapping } from './load.ts'

const file = new URL('../built-ins.json', import.meta.url)

// What an earlier build has left would be taken for the tables.
rmSync(file, { force: true })
const dictionary = loadDictionary()
const tables = builtInMappings().map((id) => {
  const { content, extends: base } = loadMapping(id, { dictionary })
  return [id, { content, extends: base }] as const
})
const { keys, ...rest } = dictionary
const builtIns: BuiltIns = {
  dictionary: { ...rest, keys: [...keys.values()] },
  tables: Object.fromEntries(tables),
}
writeFileSync(file, JSON.stringify(builtIns))
