/** What a support file holds, each part with a word on it; what can't be had says why. */

import { readdir, readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { letterFiles } from '../../app/newest-letters.ts'
import { readConfig } from '../../app/read-config.ts'
import { checkpointPath } from '../../checkpoint/store.ts'
import { asWritten } from '../../config/as-written.ts'
import { ConfigError } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { secretValues } from '../../config/secret-values.ts'
import { ask } from '../../control/client.ts'
import { formatProblem, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { version } from '../../package/version.ts'
import { isFolder } from '../../sources/options.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'
import { printConfig } from '../check/print.ts'
import type { Entry } from './archive.ts'
import { certificatesText } from './certificates.ts'
import { listing } from './listing.ts'
import { lastOf, ownLog } from './own-log.ts'
import { withoutAddresses, withoutSecrets } from './scrub.ts'

const answerMs = 5_000
const mostLetterBytes = 2_000_000

export interface Asked {
  readonly config: string | undefined
  /** Without a configuration that says it. */
  readonly state: string | undefined
  /** Dead letters, too, which are rows of logs; and addresses stay where they are. */
  readonly withDeadLetters: boolean
}

export interface Contents {
  readonly entries: readonly Entry[]
  /** What was left out or could not be had, in sentences. */
  readonly notes: readonly string[]
}

/** Gathers all of it; rejects only when the configuration can't be read at all. */
export async function gather({ config: file, state: given, withDeadLetters }: Asked): Promise<Contents> {
  const notes: string[] = []
  const read = file === undefined ? undefined : await readWritten(file, notes)
  const { config, state = given } = read ?? {}
  const status = state === undefined ? 'the state folder is not known' : await statusOf(state)
  const plain: Entry[] = [
    { name: 'versions.json', text: versions() },
    {
      name: 'certificates.json',
      text: await certificatesText(config, typeof status === 'string' ? undefined : status),
    },
    ...(state === undefined ? [] : await stateEntries(state, withDeadLetters)),
  ]
  for (const { name, folder } of (config?.sources ?? []).filter(isFolder)) {
    plain.push({ name: `folders/${name}.txt`, text: await listing(folder) })
  }
  const told: Entry[] = [
    {
      name: 'status.json',
      text:
        typeof status === 'string'
          ? `${JSON.stringify({ none: status })}\n`
          : `${JSON.stringify(status, null, 2)}\n`,
    },
    ...(read === undefined || read.mistakes === ''
      ? []
      : [{ name: 'configuration/mistakes.txt', text: read.mistakes }]),
    ...(config?.log.file === undefined ? [] : await ownLog(config.log.file)),
  ]
  if (typeof status === 'string') notes.push(`There is no status: ${status}.`)
  if (config === undefined)
    notes.push('Without a configuration in order, the own log and the folders of the sources are not in it.')
  else if (config.log.file === undefined) {
    notes.push(
      'The own log goes to standard error only (no log.file): add what the service manager keeps of it, such as journalctl -u msgtrk.',
    )
  }
  const secrets = read?.secrets ?? []
  const shown = withDeadLetters
    ? told
    : told.map(({ name, text }) => ({ name, text: withoutAddresses(text) }))
  const all = [...(read?.entries ?? []), ...plain, ...shown]
  return { entries: all.map(({ name, text }) => ({ name, text: withoutSecrets(text, secrets) })), notes }
}

/** A configuration, as far as it can be shown and understood. */
interface Read {
  readonly entries: readonly Entry[]
  readonly secrets: readonly string[]
  /** What is wrong with it; empty for nothing. */
  readonly mistakes: string
  readonly config?: Config
  readonly state?: string
}

async function readWritten(file: string, notes: string[]): Promise<Read> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ProblemsError([
      { where: { file }, message: error.message, remedy: 'name the configuration file' },
    ])
  })
  const written = asWritten(text)
  if (written === null)
    notes.push(
      'The configuration is not in it: its form is broken, so that nobody knows what of it is secret.',
    )
  for (const setting of written?.hidden ?? [])
    notes.push(`The value of ${setting} was left out of the configuration.`)
  const folder = path.dirname(path.resolve(file))
  const referred = await secretValues(text, { folder, env: process.env })
  const secrets = [...(written?.secrets ?? []), ...referred]
  const entries =
    written === null ? [] : [{ name: `configuration/${path.basename(file)}`, text: written.text }]
  try {
    const config = await readConfig(file)
    const effective = {
      name: 'configuration/effective.yaml',
      text: printConfig(config, { json: false, width: undefined }),
    }
    return { entries: [...entries, effective], secrets, mistakes: '', config, state: config.state }
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    const mistakes = error.problems.map((problem: Problem) => `${formatProblem(problem)}\n`).join('')
    const state = error instanceof ConfigError ? error.remains.state : undefined
    notes.push('The configuration has mistakes; they are in it.')
    return { entries, secrets, mistakes, ...(state !== undefined && { state }) }
  }
}

async function statusOf(state: string): Promise<InstanceStatus | string> {
  try {
    return (await ask({ state, method: 'GET', path: '/status', timeoutMs: answerMs })) as InstanceStatus
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems[0]?.message ?? error.message
    throw error
  }
}

/** What lies in the state folder; of dead letters only how long they are unless they are asked for. */
async function stateEntries(state: string, withDeadLetters: boolean): Promise<readonly Entry[]> {
  const entries: Entry[] = [{ name: 'state/listing.txt', text: await listing(state) }]
  const names = await readdir(state, { withFileTypes: true }).catch(() => [])
  for (const { name } of names.filter((entry) => entry.isDirectory())) {
    entries.push({ name: `state/${name}/listing.txt`, text: await listing(path.join(state, name)) })
    const positions = await readFile(checkpointPath(state, name), 'utf8').catch(() => undefined)
    if (positions !== undefined) entries.push({ name: `state/${name}/positions.json`, text: positions })
    const [newest] = letterFiles(state, name)
    const letters = withDeadLetters ? await lastOf(newest, mostLetterBytes).catch(() => undefined) : undefined
    if (letters !== undefined) entries.push({ name: `state/${name}/dead-letters.ndjson`, text: letters })
  }
  return entries
}

function versions(): string {
  const facts = {
    msgtrk: version,
    node: process.versions,
    started: process.execPath,
    system: { platform: os.platform(), release: os.release(), version: os.version(), arch: os.arch() },
    processors: os.availableParallelism(),
    memoryBytes: { total: os.totalmem(), free: os.freemem() },
    upSeconds: Math.round(os.uptime()),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    at: new Date().toISOString(),
  }
  return `${visible(JSON.stringify(facts))}\n`
}
