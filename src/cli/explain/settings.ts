/** The settings a record is explained with: those of the command line, or of a destination. */
import { eventOptions, placed } from '../../app/prepare.ts'
import { readConfig } from '../../app/read-config.ts'
import type { Config, DestinationConfig } from '../../config/schema.ts'
import { didYouMean } from '../../mistakes/nearest.ts'
import { isUnplaced } from '../../mistakes/place.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import type { EventOptions } from '../../transform/event-transform.ts'
import type { ExportArguments, MappingArguments, RecipientArguments } from '../options/event-options.ts'

/** Which destination of which configuration, and what is set besides. */
export interface ExplainArguments extends MappingArguments, RecipientArguments, ExportArguments {
  readonly config?: string
  readonly destination?: string
}

export interface ExplainSettings {
  readonly options: EventOptions
  /** Name of the destination; undefined without a configuration. */
  readonly destination?: string
  /** The problem at the place where what it is about was written. */
  placed(problem: Problem): Problem
  /** All that is configured; undefined without a configuration. */
  readonly config?: Config
  /** It gets a record of each mail. */
  readonly isOfMails: boolean
}

/** `given`: whether an option stands on the command line, where it wins over the configuration. */
export async function settingsFor(
  args: ExplainArguments,
  given: (option: string) => boolean,
): Promise<ExplainSettings> {
  const { config: file, destination: name, ...chosen } = args
  if (file === undefined) {
    if (name !== undefined) {
      throw mistake('--destination', 'needs the configuration it stands in', 'add --config msgtrk.yaml')
    }
    const syslog = { header: 'none', time: 'event', zone: 'utc', facility: 'local0' } as const
    const frame = { syslog, framing: 'lf', maxMessageBytes: Number.MAX_SAFE_INTEGER } as const
    return { options: { ...chosen, ...frame }, placed: (problem) => problem, isOfMails: false }
  }
  const config = await readConfig(file)
  const destination = destinationOf(config, name)
  const winning = Object.entries(chosen).filter(([option]) => given(option))
  return {
    options: { ...eventOptions(config, destination), ...Object.fromEntries(winning) },
    destination: destination.name,
    placed: (problem) => {
      const { where } = problem
      const isOption = isUnplaced(where) && given(String(where.setting[0]))
      return isOption
        ? problem
        : placed(problem, config, ['destinations', config.destinations.indexOf(destination)])
    },
    config,
    isOfMails: destination.records === 'mail',
  }
}

function destinationOf({ destinations }: Config, name: string | undefined): DestinationConfig {
  const names = destinations.map((destination) => destination.name)
  const [first, ...others] = destinations
  if (name === undefined && first !== undefined && others.length === 0) return first
  const found = destinations.find((destination) => destination.name === name)
  if (found !== undefined) return found
  if (name === undefined) {
    throw mistake('--destination', 'is needed: there are several', `name one of: ${names.join(', ')}`)
  }
  const remedy = didYouMean(name, names) ?? `there are: ${names.join(', ')}`
  throw mistake('--destination', `there is no destination ${name}`, remedy)
}

function mistake(option: string, message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where: { option }, message, remedy }])
}
