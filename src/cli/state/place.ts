/** Which state folder, destinations, sources and positions a `state` command is about. */

import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { readConfig } from '../../app/read-config.ts'
import { checkpointPath } from '../../checkpoint/store.ts'
import type { FolderConfig } from '../../config/schema.ts'
import type { LogName } from '../../flow/file-id.ts'
import { didYouMean } from '../../mistakes/nearest.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { isFolder } from '../../sources/options.ts'
import { compileGlob, globProblem } from '../../tail/folder/glob.ts'

/** The options that every `state` command has. */
export interface PlaceArguments {
  readonly config?: string
  readonly state?: string
  readonly from?: readonly string[]
  readonly destination?: string
  readonly source?: string
  readonly file?: string
}

/** What the options mean. */
export interface Place {
  readonly state: string
  /** Names of the destinations with positions and of those configured, or the one that was asked for. */
  readonly destinations: readonly string[]
  /** Those asked for whose folders are known; none without a configuration. */
  readonly sources: readonly FolderConfig[]
  /** True when the options narrow the choice. */
  readonly isNarrowed: boolean
  isFileChosen(name: string): boolean
  isChosen(log: LogName): boolean
}

/** Finds the place; throws a `ProblemsError` when there is no such folder, destination or source. */
export async function findPlace(args: PlaceArguments): Promise<Place> {
  const isSource = chooser('--source', args.source)
  const isFile = chooser('--file', args.file)
  const { state, configured, sources } = await settings(args)
  const found = await destinationsIn(state, configured.length > 0)
  const destinations = [...new Set([...configured, ...found])].sort()
  const { destination } = args
  if (destination !== undefined && !destinations.includes(destination)) {
    throw mistake(
      { option: '--destination' },
      `there is no "${destination}" in ${state}`,
      didYouMean(destination, destinations) ?? `there is: ${destinations.join(', ') || 'none yet'}`,
    )
  }
  return {
    state,
    destinations: destination === undefined ? destinations : [destination],
    sources: sources.filter(({ name }) => isSource(name)),
    isNarrowed: args.source !== undefined || args.file !== undefined,
    isFileChosen: isFile,
    isChosen: ({ source, name }) => isSource(source) && isFile(name),
  }
}

/** The one destination that a change is about. */
export function onlyDestination({ destinations, state }: Place): string {
  const [name, ...others] = destinations
  if (name === undefined)
    throw mistake({ file: state }, 'holds no positions', 'name the state folder of "msgtrk run"')
  if (others.length === 0) return name
  throw mistake({ option: '--destination' }, 'is missing', `name one of: ${destinations.join(', ')}`)
}

/** A mistake that ends a command. */
export function mistake(where: Problem['where'], message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where, message, remedy }])
}

interface Settings {
  readonly state: string
  readonly configured: readonly string[]
  readonly sources: readonly FolderConfig[]
}

async function settings({ config, state, from }: PlaceArguments): Promise<Settings> {
  if (config !== undefined) {
    const extra = Object.entries({ '--state': state, '--from': from }).find(
      ([, value]) => value !== undefined,
    )
    if (extra !== undefined)
      throw mistake({ option: extra[0] }, 'does not go with --config', 'it is set in the file')
    const { state: folder, destinations, sources } = await readConfig(config)
    return {
      state: folder,
      configured: destinations.map(({ name }) => name),
      sources: sources.filter(isFolder),
    }
  }
  const folder = path.resolve(state ?? 'msgtrk-state')
  if (from === undefined) return { state: folder, configured: [], sources: [] }
  // Only its sources are of interest: they get the names that "msgtrk run --from" gives them.
  const { sources } = await readConfig({ from, to: 'tcp://localhost:514' })
  return { state: folder, configured: [], sources: sources.filter(isFolder) }
}

async function destinationsIn(state: string, mayBeMissing: boolean): Promise<readonly string[]> {
  let names: readonly string[]
  try {
    names = await readdir(state)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && mayBeMissing) return []
    const remedy = 'name the state folder of "msgtrk run" with --state, or its configuration with --config'
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such folder',
      ENOTDIR: 'is no folder',
    }
    throw mistake({ file: state }, reasons[code ?? ''] ?? message, remedy)
  }
  const found = await Promise.all(
    names.map(async (name) => {
      const file = await stat(checkpointPath(state, name)).catch(() => undefined)
      return file === undefined ? [] : [name]
    }),
  )
  return found.flat()
}

function chooser(option: string, pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  const problem = globProblem(pattern)
  if (problem === null) return compileGlob(pattern)
  const inQuotes = 'in quotes, so that the shell leaves it as it is'
  const { message, remedy } = problem
  throw mistake({ option }, message, remedy === undefined ? inQuotes : `${remedy}, and ${inQuotes}`)
}
