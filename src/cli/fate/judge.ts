/** What became of rows, for each destination of a configuration: everything that decides it, read once. */
import { checkpointPath, createCheckpoint } from '../../checkpoint/store.ts'
import type { Config } from '../../config/schema.ts'
import { ask } from '../../control/client.ts'
import { explainFilter, type RuleResult } from '../../filter/filter.ts'
import type { Records } from '../../flow/records.ts'
import { mailsId } from '../../mails/closed-queue.ts'
import { Places } from '../../mails/places.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'
import type { Belonging } from './belonging.ts'
import { type Fate, fateOf, type Known, type Placed } from './fate.ts'
import { lettersAbout } from './letters.ts'
import { changedByPrivacy, mailAfterPrivacy } from './privacy.ts'

/** An instance that answers at all does so in milliseconds. */
const answerMs = 3_000

type FilterOf = ReturnType<typeof explainFilter>

/** What the settings of each destination, by name, make of a record. */
export type Treated = ReadonlyMap<string, Pick<Placed, 'filteredBy' | 'changed' | 'mail'>>

/** Applies the filters and the privacy of all destinations. */
export function recordJudge({ destinations }: Config): (records: Records, row: number) => Treated {
  const compiled = new Map<string, readonly FilterOf[]>()
  const changes = destinations.map(({ privacy }) =>
    privacy === undefined ? () => '' : changedByPrivacy(privacy),
  )
  const mails = destinations.map(({ records, privacy }) =>
    records === 'mail' ? mailAfterPrivacy(privacy) : () => null,
  )
  return (records, row) => {
    const { layout } = records
    const key = layout.columns.join()
    const filters = compiled.get(key) ?? destinations.map((settings) => explainFilter(settings, layout))
    compiled.set(key, filters)
    return new Map(
      destinations.map(({ name }, index) => {
        const filteredBy = deciding(filters[index]?.(records, row) ?? [])
        const changed = filteredBy === null ? (changes[index]?.(records, row) ?? '') : ''
        return [name, { filteredBy, changed, mail: mails[index]?.(records, row) ?? null }]
      }),
    )
  }
}

/** Parts of a rule that are named. */
const mostParts = 3

/** The first rule that does not hold, by those of its parts that decided it; null when all do. */
function deciding(results: readonly RuleResult[]): string | null {
  const index = results.findIndex(({ holds, depth }) => depth === 0 && !holds)
  const rule = results[index]?.rule
  if (rule === undefined) return null
  const next = results.findIndex(({ depth }, at) => at > index && depth === 0)
  const parts = results.slice(index + 1, next < 0 ? undefined : next).filter(({ depth }) => depth === 1)
  const isNot = rule.endsWith('.not')
  const decided = parts.filter(({ holds }) => holds === isNot).map((part) => part.rule)
  if (decided.length === 0) return rule
  const more = decided.length - mostParts
  return `${decided.slice(0, mostParts).join(' and ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** A row as it was found. */
export interface JudgedRow extends Omit<Placed, 'filteredBy' | 'changed' | 'mail'> {
  readonly path: string
  readonly belonging: Belonging
  readonly treated: Treated
}

/** What a state folder says, as it is now. */
export interface Judge {
  readonly destinations: readonly string[]
  /** By destination. */
  fatesOf(row: JudgedRow): ReadonlyMap<string, Fate>
  /** What could not be read, and what a person should know besides. */
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
}

/** Reads what the configuration's state folder holds on these files; an instance that runs is asked how it fares. */
export async function openJudge(config: Config, files: ReadonlySet<string>): Promise<Judge> {
  const problems: Problem[] = []
  const collect = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ProblemsError) problems.push(...error.problems)
      else problems.push({ where: { file: config.state }, message: (error as Error).message })
      return null
    }
  }
  const { state, sources } = config
  const status = await statusOf(state)
  const known = new Map<string, Known>()
  for (const { name, records } of config.destinations) {
    const isOfMails = records === 'mail'
    const positions = await collect(() => createCheckpoint(checkpointPath(state, name), sources).load())
    const about = isOfMails && files.size > 0 ? new Set([...files, mailsId]) : files
    const letters = (await collect(() => lettersAbout(state, name, about))) ?? []
    const mails = positions !== null && isOfMails ? new Places(positions, 0) : null
    known.set(name, { positions, letters, mails, trouble: troubleOf(status, name) })
  }
  return {
    destinations: [...known.keys()],
    problems,
    notes: notesOf(config, status),
    fatesOf: ({ path, belonging, treated, ...placed }) =>
      new Map(
        [...known].map(([name, one]) => {
          const ofName = treated.get(name) ?? { filteredBy: null, changed: '', mail: null }
          return [name, fateOf(path, belonging, { ...placed, ...ofName }, one)]
        }),
      ),
  }
}

/** Of the instance; or why there is none. */
async function statusOf(state: string): Promise<InstanceStatus | string> {
  try {
    return (await ask({ state, method: 'GET', path: '/status', timeoutMs: answerMs })) as InstanceStatus
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    return error.exitCode === ExitCode.notRunning
      ? 'no instance of msgtrk is running'
      : (error.problems[0]?.message ?? 'the instance can not be asked')
  }
}

function troubleOf(status: InstanceStatus | string, name: string): string {
  if (typeof status === 'string') return status
  const destination = status.destinations.find((one) => one.name === name)
  if (destination === undefined) return 'the running instance has no such destination'
  const since = destination.since === null ? '' : ` since ${destination.since}`
  switch (destination.state) {
    case 'unavailable': {
      const reason = destination.receivers.find((one) => one.reason !== null)?.reason
      return `${name} is unavailable${since}${reason === undefined ? '' : `: ${reason}`}`
    }
    case 'paused':
      return `${name} is paused${since}${destination.pausedBy === null ? '' : ` by ${destination.pausedBy}`}`
    default:
      return ''
  }
}

function notesOf({ sha256, file }: Config, status: InstanceStatus | string): readonly string[] {
  if (typeof status === 'string' || status.configuration.sha256 === sha256) return []
  return [
    `The running instance works with another configuration than ${file ?? 'this one'}: what filters and sources say may differ.`,
  ]
}
