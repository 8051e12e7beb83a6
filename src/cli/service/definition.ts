/** What a service is made of, whichever system runs it. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../config/schema.ts'
import { isExecutable, shipped } from '../../package/files.ts'

/** A service that runs an instance. */
export interface ServiceDefinition {
  readonly name: string
  /** The configuration, by its whole path. */
  readonly config: string
  /** The program, without what it is to do. */
  readonly program: readonly string[]
  /** Folders that it writes into: the state folder first. */
  readonly writes: readonly [string, ...string[]]
  /** Folders that it reads from. */
  readonly reads: readonly string[]
  /** Files of secrets that the configuration refers to. */
  readonly secrets: readonly string[]
  /** Other files that it names, such as tables and certificates, as far as they are known. */
  readonly files?: readonly string[]
  /** Who runs it; undefined for an account that the system makes for it. */
  readonly account?: string | undefined
  /** A file of variables of the environment, which may be missing: systemd reads it as root. */
  readonly environment?: string | undefined
  /** A folder of secrets that the system hands to it. */
  readonly credentials?: { readonly folder: string; readonly names: readonly string[] } | undefined
}

/** One call of a program of the system. */
export interface Step {
  readonly program: string
  readonly args: readonly string[]
  /** What is to be done by hand where it fails; such a failure is no failure of all. */
  readonly byHand?: string
}

/** How this program is started. */
export function thisProgram(): readonly string[] {
  return isExecutable ? [process.execPath] : [process.execPath, fileURLToPath(shipped('dist/main.js'))]
}

/** The folders and files that a configuration has to do with. */
export function filesOf(
  { state, log, sources, destinations, secretFiles }: Config,
  credentials?: string,
): Pick<ServiceDefinition, 'writes' | 'reads' | 'secrets'> {
  const written = destinations.flatMap(({ to }) => {
    const file = /^file:\/\/(.+)$/i.exec(to)?.[1]
    return file === undefined ? [] : [path.dirname(path.resolve(file.replace(/^\/+(?=[a-z]:)/i, '')))]
  })
  const own = log.file === undefined ? [] : [path.dirname(log.file)]
  return {
    writes: [state, ...new Set([...own, ...written].filter((folder) => folder !== state))],
    reads: sources.flatMap((source) => ('folder' in source && source.folder ? [source.folder] : [])),
    secrets: [
      ...new Set(secretFiles.map(({ file }) => file).filter((file) => path.dirname(file) !== credentials)),
    ],
  }
}
