/**
 * Reads the dictionary and the mapping tables, and checks them. Reading files happens here and nowhere else
 * in this part; all the rest of it is pure.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { mistakeOfText } from '../../mistakes/encoding.ts'
import { readNamedFile } from '../../mistakes/named-file.ts'
import { didYouMean } from '../../mistakes/nearest.ts'
import type { Place } from '../../mistakes/place.ts'
import { byLine, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import type { Path } from '../../mistakes/written.ts'
import { checkYaml, parseYaml, type YamlFile } from '../../mistakes/yaml.ts'
import { shipped, shippedText } from '../../package/files.ts'
import { preparedBuiltIns } from './built-ins.ts'
import { parseCategories } from './categories.ts'
import { checkTable, keyPaths } from './check.ts'
import { type Dictionary, type DictionaryContent, dictionarySchema } from './dictionary.ts'
import { extendTable } from './extend.ts'
import { rightExtension } from './right-part.ts'
import { type Categories, extensionSchema, type TableContent, tableSchema } from './schema.ts'

/** A checked table. `id` is its name with the major version, such as `exchange-2013.v1`. */
export interface MappingTable {
  readonly id: string
  /** The table as it works: what it extends is put in. */
  readonly content: TableContent
  /** Id of the table it extends, null for none. */
  readonly extends: string | null
  /** Where the row of a key stands, for problems that show later. */
  placeOf(key: string): Place
}

/** What comes with the program does not change while it runs, and many mappers are made of it. */
let builtInDictionary: Dictionary | undefined
const builtInTables = new WeakMap<Dictionary, Map<string, MappingTable>>()
let readyCategories: Categories | undefined

/** The CEF dictionary that comes with the program. */
export function loadDictionary(): Dictionary {
  if (builtInDictionary === undefined) {
    const content = preparedBuiltIns()?.dictionary ?? readDictionary()
    builtInDictionary = { ...content, keys: new Map(content.keys.map((entry) => [entry.key, entry])) }
  }
  return builtInDictionary
}

function readDictionary(): DictionaryContent {
  const problems: Problem[] = []
  const file = parseYaml('mappings/cef-dictionary.yaml', readBuiltIn('cef-dictionary.yaml'), problems)
  const content = checkYaml(file, dictionarySchema, problems)
  if (content === undefined) throw new ProblemsError(problems)
  return content
}

/** Ids of the tables that come with the program, by name and version: `exchange-2007.v1`, … */
export function builtInMappings(): readonly string[] {
  const prepared = preparedBuiltIns()
  if (prepared !== null) return Object.keys(prepared.tables)
  return readdirSync(shipped('mappings/'))
    .flatMap((name) => /^([a-z0-9-]+\.v\d+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/**
 * Loads a table by its name (`exchange-2013`: the newest version), its name and version (`exchange-2013.v1`)
 * or the path of a file. Throws a ProblemsError with all its mistakes at once.
 */
export function loadMapping(nameOrPath: string, { dictionary }: { dictionary: Dictionary }): MappingTable {
  const id = idOf(nameOrPath)
  const readTable = () =>
    read(locate(nameOrPath, { at: { setting: ['mapping'] }, folder: '' }), { dictionary, extending: [] })
  if (id === undefined) return readTable()
  const tables = builtInTables.get(dictionary) ?? new Map<string, MappingTable>()
  builtInTables.set(dictionary, tables)
  const table = tables.get(id) ?? prepared(id) ?? readTable()
  tables.set(id, table)
  return table
}

/** A built-in table as the build has left it. */
function prepared(id: string): MappingTable | undefined {
  const table = preparedBuiltIns()?.tables[id]
  return table && { id, ...table, placeOf: () => ({ file: `mappings/${id}.yaml` }) }
}

/** The built-in tables that say which logs they are for, each in its newest version. */
export function loadAutomaticMappings({ dictionary }: { dictionary: Dictionary }): readonly MappingTable[] {
  const names = new Set(builtInMappings().map(nameOf))
  return [...names]
    .map((name) => loadMapping(name, { dictionary }))
    .filter(({ content }) => content.for !== undefined)
}

/** Checks the text of a table; `file` names it in problems. Throws as `loadMapping` does. */
export function parseMapping(
  file: string,
  text: string,
  { dictionary }: { dictionary: Dictionary },
): MappingTable {
  return read({ name: file, text, folder: path.dirname(file) }, { dictionary, extending: [] })
}

/** Reads a file of categories in the form of ArcSight; throws a ProblemsError with all its mistakes at once. */
export function loadCategories(file: string): Categories {
  try {
    const bytes = readNamedFile(file)
    const mistake = mistakeOfText(bytes)
    if (mistake !== undefined) throw new ProblemsError([{ where: { file }, ...mistake }])
    return parseCategories(file, bytes.toString('utf8'))
  } catch (error) {
    if (error instanceof ProblemsError) throw error
    throw new ProblemsError([unreadable({ setting: ['categories'] }, file, error)])
  }
}

/** The categories that come with the program: read once, when first asked for. */
export function loadReadyCategories(): Categories {
  readyCategories ??= parseCategories(
    'mappings/categories/arcsight.csv',
    readBuiltIn('categories/arcsight.csv'),
  )
  return readyCategories
}

/** The text of a table and where it came from. */
interface TableText {
  /** Names the file in problems. */
  readonly name: string
  readonly text: string | Buffer
  /** Where the paths in it start from. */
  readonly folder: string
}

interface Reading {
  readonly dictionary: Dictionary
  /** The files whose `extends` led here. */
  readonly extending: readonly string[]
}

function read({ name, text, folder }: TableText, { dictionary, extending }: Reading): MappingTable {
  const ofForm: Problem[] = []
  const parsed = parseYaml(name, text, ofForm)
  const { value, mistaken } = parsed.rest ?? { value: parsed.value, mistaken: [] }
  const file: YamlFile = { value, place: parsed.place }
  const found: Problem[] = []
  const base = baseOf(file, folder, { dictionary, extending: [...extending, name] }, found)
  const content =
    base === undefined ? checkYaml(file, tableSchema, found) : extended(file, base?.content ?? null, found)
  found.push(...checkTable(file, dictionary, base?.content ?? null))
  // Of what was mistaken in the form nothing else is known.
  const problems = [
    ...ofForm,
    ...found.filter(({ where }) => !mistaken.some((path) => isIn(where, name, path))),
  ]
  if (content === undefined || problems.length > 0) {
    // Those of another file, which this one extends, stand first.
    throw new ProblemsError(byLine(problems, name, 'first'))
  }
  const paths = keyPaths(file)
  return {
    id: `${content.name}.v${content.version.split('.')[0]}`,
    content,
    extends: base?.id ?? null,
    placeOf: (key) => {
      const at = paths.get(key)
      return at === undefined ? (base?.placeOf(key) ?? { file: name }) : file.place(at)
    },
  }
}

/** Whether a place in a file is at a path, or below it. */
function isIn(where: Place, name: string, path: Path): boolean {
  if (!('file' in where) || where.file !== name) return false
  const { setting = [] } = where
  return path.every((key, depth) => key === setting[depth])
}

function extended(file: YamlFile, base: TableContent | null, problems: Problem[]): TableContent | undefined {
  const wrong: Problem[] = []
  const whole = checkYaml(file, extensionSchema, wrong)
  problems.push(...wrong)
  const mistaken = wrong.flatMap(({ where }) => ('setting' in where && where.setting ? [where.setting] : []))
  const extension = whole ?? rightExtension(file.value, mistaken)
  if (extension === undefined || base === null) return undefined
  const isKnown = (at: Path) => mistaken.some(([section, index]) => section === at[0] && index === at[1])
  const table = extendTable(base, extension, (at, message, remedy) => {
    if (!isKnown(at)) problems.push({ where: file.place(at), message, remedy })
  })
  return whole && table
}

/** The table that a file extends; undefined when it extends none, null when that one has problems. */
function baseOf(
  file: YamlFile,
  folder: string,
  reading: Reading,
  problems: Problem[],
): MappingTable | null | undefined {
  const { value } = file
  if (typeof value !== 'object' || value === null || !('extends' in value)) return undefined
  // Anything else is a mistake of the shape.
  if (typeof value.extends !== 'string' || value.extends === '') return null
  const where = file.place(['extends'])
  try {
    if (idOf(value.extends) !== undefined) return loadMapping(value.extends, reading)
    const located = locate(value.extends, { at: where, folder })
    if (!reading.extending.includes(located.name)) return read(located, reading)
    const message = `the tables extend each other: ${[...reading.extending, located.name].join(' → ')}`
    problems.push({ where, message, remedy: 'let one of them stand on its own' })
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    problems.push(...error.problems)
  }
  return null
}

/** Id of the built-in table of this name (in its newest version) or id. */
function idOf(nameOrId: string): string | undefined {
  return builtInMappings().findLast((id) => id === nameOrId || nameOf(id) === nameOrId)
}

function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('.v'))
}

function readBuiltIn(file: string): string {
  return shippedText(`mappings/${file}`)
}

/** Finds a table by name or path. `at`: what names it; `folder`: where a path starts from. */
function locate(nameOrPath: string, from: { readonly at: Place; readonly folder: string }): TableText {
  const id = idOf(nameOrPath)
  if (id !== undefined) return { name: `mappings/${id}.yaml`, text: readBuiltIn(`${id}.yaml`), folder: '' }
  const file = path.isAbsolute(nameOrPath) ? nameOrPath : path.join(from.folder, nameOrPath)
  try {
    return { name: file, text: readNamedFile(file), folder: path.dirname(file) }
  } catch (error) {
    if (/[\\/]|\.ya?ml$/.test(nameOrPath)) {
      throw new ProblemsError([unreadable(from.at, nameOrPath, error)])
    }
    // A bare word was meant as a name rather than as a path.
    const names = [...new Set(builtInMappings().flatMap((id) => [nameOf(id), id]))]
    const remedy = didYouMean(nameOrPath, names) ?? `built-in tables: ${names.join(', ')}`
    const message = `there is no table and no file ${nameOrPath}`
    throw new ProblemsError([{ where: from.at, message, remedy }])
  }
}

function unreadable(at: Place, file: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const remedy = 'give the path of a file that this user may read'
  return { where: at, message: `can't read ${file} (${code})`, remedy }
}
