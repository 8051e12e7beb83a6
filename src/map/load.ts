/**
 * Reads the dictionary and the mapping tables, and checks them. Reading files happens here and nowhere else
 * in this part; all the rest of it is pure.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { nearest } from '../nearest.ts'
import { type Problem, ProblemsError } from '../problems.ts'
import { checkYaml, parseYaml, type YamlFile } from '../yaml.ts'
import { checkTable } from './check.ts'
import { type Dictionary, dictionarySchema } from './dictionary.ts'
import { type TableContent, tableSchema } from './schema.ts'

/** A checked table. `id` is its name with the major version, such as `exchange-2013.v1`. */
export interface MappingTable {
  readonly id: string
  readonly content: TableContent
  /** The file it came from, for problems that show later. */
  readonly file: YamlFile
}

// The same way up from src/map and from dist/map.
const folder = new URL('../../mappings/', import.meta.url)

/** The CEF dictionary that comes with the program. */
export function loadDictionary(): Dictionary {
  const problems: Problem[] = []
  const file = parseYaml('mappings/cef-dictionary.yaml', readBuiltIn('cef-dictionary.yaml'), problems)
  const content = checkYaml(file, dictionarySchema, problems)
  if (content === undefined) throw new ProblemsError(problems)
  return { ...content, keys: new Map(content.keys.map((entry) => [entry.key, entry])) }
}

/** Ids of the tables that come with the program, by name and version: `exchange-2007.v1`, … */
export function builtInMappings(): readonly string[] {
  return readdirSync(folder)
    .flatMap((name) => /^([a-z0-9-]+\.v\d+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/**
 * Loads a table by its name (`exchange-2013`: the newest version), its name and version (`exchange-2013.v1`)
 * or the path of a file. Throws a ProblemsError with all its mistakes at once.
 */
export function loadMapping(nameOrPath: string, { dictionary }: { dictionary: Dictionary }): MappingTable {
  const ids = builtInMappings()
  const id = ids.findLast((known) => known === nameOrPath || nameOf(known) === nameOrPath)
  if (id !== undefined) return parseMapping(`mappings/${id}.yaml`, readBuiltIn(`${id}.yaml`), { dictionary })
  return parseMapping(nameOrPath, readOwn(nameOrPath, ids), { dictionary })
}

/** The built-in tables that say which logs they are for, each in its newest version. */
export function loadAutomaticMappings({ dictionary }: { dictionary: Dictionary }): readonly MappingTable[] {
  const names = new Set(builtInMappings().map(nameOf))
  return [...names]
    .map((name) => loadMapping(name, { dictionary }))
    .filter(({ content }) => content.for !== undefined)
}

/** Checks the text of a table; `where` names the file in problems. Throws as `loadMapping` does. */
export function parseMapping(
  where: string,
  text: string,
  { dictionary }: { dictionary: Dictionary },
): MappingTable {
  const problems: Problem[] = []
  const file = parseYaml(where, text, problems)
  const content = checkYaml(file, tableSchema, problems)
  problems.push(...checkTable(file, dictionary))
  if (content === undefined || problems.length > 0) throw new ProblemsError(problems)
  return { id: `${content.name}.v${content.version.split('.')[0]}`, content, file }
}

function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('.v'))
}

function readBuiltIn(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8')
}

function readOwn(path: string, ids: readonly string[]): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const where = 'mapping'
    if (/[\\/]|\.ya?ml$/.test(path)) {
      const remedy = 'give the path of a file that this user may read'
      throw new ProblemsError([{ where, message: `can't read ${path} (${code})`, remedy }])
    }
    // A bare word was meant as a name rather than as a path.
    const names = [...new Set(ids.flatMap((id) => [nameOf(id), id]))]
    const meant = nearest(path, names)
    const remedy = meant === undefined ? `built-in tables: ${names.join(', ')}` : `did you mean ${meant}?`
    throw new ProblemsError([{ where, message: `there is no table and no file ${path}`, remedy }])
  }
}
