/** From a file or a command line to a checked configuration, or to all that is wrong with it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { check, type Mistake } from '../mistakes/of-settings.ts'
import type { Place } from '../mistakes/place.ts'
import { byLine, type Problem, ProblemsError } from '../mistakes/problem.ts'
import { isGroup, type Path } from '../mistakes/written.ts'
import { parseYaml } from '../mistakes/yaml.ts'
import { absolute, clashes, complete } from './complete.ts'
import { originsIn } from './origins.ts'
import { fillInPresets } from './presets.ts'
import { type Expanded, expandReferences, type Insertion } from './references.ts'
import { type RightPart, rightPart } from './right-part.ts'
import { type Config, configJsonSchema, configSchema } from './schema.ts'
import { literalSecrets, secretFiles } from './secrets.ts'

/**
 * Loads the configuration file at `path`. Relative paths in it start from its folder, and `${env:…}` is looked
 * up in `env`. Throws a ProblemsError with all mistakes at once, in the order of their lines.
 */
export async function loadConfig(
  path: string,
  { env = process.env }: { readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Config> {
  const folder = dirname(resolve(path))
  const bytes = await read(path)
  const problems: Problem[] = []
  const file = parseYaml(path, bytes, problems)
  if (problems.length > 0 && file.rest === undefined) throw new ProblemsError(problems)
  const { value, mistaken } = file.rest ?? { value: file.value, mistaken: [] }
  const expanded = await expandReferences(value, { folder, env })
  const form = { problems, mistaken }
  return checkConfig(
    { written: value, expanded, form, folder, file: path, sha256: sha256Of(bytes) },
    file.place,
  )
}

/** What `msgtrk run` takes instead of a file. */
export interface RunOptions {
  readonly from: readonly string[]
  readonly to: string
  readonly events?: readonly string[] | undefined
  readonly state?: string | undefined
  /** PEM file of the authority that signed the receiver's certificate. */
  readonly ca?: string | undefined
  /** SHA-256 of the receiver's certificate. */
  readonly fingerprint?: string | undefined
}

/** The configuration that a command line stands for; mistakes as in `loadConfig`, under the option's name. */
export function configFromOptions({ from, to, events, state, ca, fingerprint }: RunOptions): Config {
  const tls = { ...(ca !== undefined && { ca }), ...(fingerprint !== undefined && { fingerprint }) }
  const value = {
    sources: from.map((place) => (/^kafka:\/\//i.test(place) ? { from: place } : { folder: place })),
    destinations: [
      {
        to,
        ...(events !== undefined && { events }),
        ...(Object.keys(tls).length > 0 && { tls }),
      },
    ],
    ...(state !== undefined && { state }),
  }
  const plain: Expanded = { value, mistakes: [], insertions: [] }
  return checkConfig(
    { written: value, expanded: plain, folder: process.cwd(), sha256: sha256Of(JSON.stringify(value)) },
    (path) => ({ option: optionAt(path, Object.keys(tls)[0]) }),
  )
}

/** `tls`: the first of the options for TLS that are given. */
function optionAt([section, , setting, part]: Path, tls: string | undefined): string {
  if (section === 'sources') return '--from'
  if (section !== 'destinations') return `--${String(section)}`
  if (setting === 'tls' && (part ?? tls) !== undefined) return `--${String(part ?? tls)}`
  return setting === 'events' ? '--events' : '--to'
}

/** Where a setting was written. */
type PlaceOf = (path: Path) => Place

/** What is right of a configuration that has mistakes. */
interface Remains {
  /** To find out what else is wrong; undefined when no destination is right. Nothing may run with it. */
  readonly right: Config | undefined
  /** Settings of it that nobody wrote: what is found of them is not told. */
  readonly invented: readonly Path[]
  /** Its state folder; undefined when what says so is wrong. */
  readonly state: string | undefined
}

/** The mistakes of a configuration that show without trying anything, in the order of their lines. */
export class ConfigError extends ProblemsError {
  readonly remains: Remains
  readonly #file: string

  /** `file`: the configuration; empty for a command line. */
  constructor(problems: readonly Problem[], remains: Remains, file: string) {
    super(byLine(problems, file, 'last'))
    this.remains = remains
    this.#file = file
  }

  /** The same with others among them; those that are not of its file are the last. */
  with(others: readonly Problem[]): ConfigError {
    const { invented } = this.remains
    const isInvented = ({ where }: Problem) => {
      const { setting = [] } = 'setting' in where ? where : {}
      return invented.some((path) => path.every((key, depth) => key === setting[depth]))
    }
    const written = others.filter((problem) => !isInvented(problem))
    return new ConfigError([...this.problems, ...written], this.remains, this.#file)
  }
}

/** A configuration that was read; `folder` is what its relative paths start from. */
interface Written {
  /** As it stands there, its references not replaced. */
  readonly written: unknown
  readonly expanded: Expanded
  /** What is wrong with its form, and where; undefined for nothing. */
  readonly form?: { readonly problems: readonly Problem[]; readonly mistaken: readonly Path[] }
  readonly folder: string
  /** As it was named; undefined for a command line. */
  readonly file?: string
  readonly sha256: string
}

function sha256Of(written: Buffer | string): string {
  return createHash('sha256').update(written).digest('hex')
}

function checkConfig(
  { written, expanded, form = { problems: [], mistaken: [] }, folder, file: named, sha256 }: Written,
  placeOf: PlaceOf,
): Config {
  // An empty file has nothing of what is needed; a text instead of settings is a mistake of its own.
  const value = expanded.value ?? {}
  const filled = fillInPresets(value)
  const result = check(filled.value, configSchema, configJsonSchema)
  const unresolved = new Set(expanded.mistakes.map(({ path }) => path.join('\n')))
  const mistakes = [
    ...('mistakes' in result ? result.mistakes : []),
    ...filled.mistakes,
    ...clashes(value, folder),
    ...literalSecrets(value, expanded.insertions),
  ]
    // A reference that was not resolved makes no sense to anything after it.
    .filter(({ path }) => !unresolved.has(path.join('\n')))
    .concat(expanded.mistakes)
    .filter(({ path }) => !form.mistaken.some((part) => part.every((key, depth) => key === path[depth])))
  if ('data' in result && mistakes.length + form.problems.length === 0) {
    const completed = complete(result.data, folder)
    const file = named && resolve(named)
    return {
      ...completed,
      ...(file !== undefined && { file }),
      sha256,
      secretFiles: secretFiles(completed, expanded.insertions, file),
      placeOf,
      originOf: originsIn({ written, filled: filled.value, insertions: expanded.insertions, placeOf }),
    }
  }
  const paths = [...form.mistaken, ...mistakes.map(({ path }) => path)]
  const right = rightPart(filled.value, paths)
  const remains = {
    right: right && asConfig(right, { folder, sha256 }, placeOf),
    invented: right?.invented ?? [],
    state: rightState(value, paths, folder),
  }
  const problems = mistakes.map((mistake): Problem => {
    const { path, ...problem } = hide(mistake, expanded.insertions)
    return { where: placeOf(path), ...problem }
  })
  throw new ConfigError([...form.problems, ...problems], remains, named ?? '')
}

function rightState(value: unknown, mistaken: readonly Path[], folder: string): string | undefined {
  if (!isGroup(value) || mistaken.some(([section]) => section === 'state')) return undefined
  return absolute(folder, configSchema.shape.state.parse(value.state))
}

function asConfig(
  { checked, indices }: RightPart,
  { folder, sha256 }: Pick<Written, 'folder' | 'sha256'>,
  placeOf: PlaceOf,
): Config {
  const written = (path: Path): Path => {
    const [section = '', index, ...rest] = path
    return section === 'destinations' ? [section, indices[Number(index)] ?? 0, ...rest] : path
  }
  return {
    ...complete(checked, folder),
    sha256,
    secretFiles: [],
    placeOf: (path) => placeOf(written(path)),
    originOf: () => ({ from: 'default' }),
  }
}

/** Shorter ones are no secrets, only parts of common words. */
const shortestSecret = 4

/**
 * What a reference brought in may be secret. Messages of the parts may quote a value or a part of it, so in
 * those about its own setting each word that occurs in the value is hidden, be it by chance.
 */
function hide({ path, message, remedy }: Mistake, insertions: readonly Insertion[]): Mistake {
  const secret = insertions
    .filter((insertion) => path.every((key, depth) => key === insertion.path[depth]))
    .map(({ value }) => value.toLowerCase())
  const hideIn = (text: string) =>
    text.replace(/[\p{L}\p{N}]+/gu, (word) =>
      word.length >= shortestSecret && secret.some((value) => value.includes(word.toLowerCase()))
        ? '…'
        : word,
    )
  return { path, message: hideIn(message), ...(remedy !== undefined && { remedy: hideIn(remedy) }) }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new ProblemsError([
      {
        where: { file: path },
        message: missing
          ? 'is not there'
          : `can't be read: ${error instanceof Error ? error.message : error}`,
        remedy: 'name a configuration file; docs/configuration.md describes what it holds',
      },
    ])
  }
}
