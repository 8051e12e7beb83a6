/** `msgtrk log-level`: the own log of a running instance says more, or less, for a while. */
import { Argument, Command, InvalidArgumentError } from 'commander'
import { type LevelAnswer, longestLevelSeconds } from '../../app/level-routes.ts'
import { ask } from '../../control/client.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { logLevels } from '../../observe/options.ts'
import { duration } from '../../status/words.ts'
import type { CommandContext } from '../command-context.ts'
import { asker } from '../options/asker.ts'
import { type InstanceArguments, stateOf, withInstance } from '../options/instance-options.ts'

interface LevelArguments extends InstanceArguments {
  readonly for?: number
}

const path = '/log-level'
const usualSeconds = 10 * 60
const ofConfiguration = 'configured'

const details = `
After that time the level of the configuration is in force again by itself, ten minutes later unless --for says another
time. Without a level it shows which one is in force. A reload leaves it as it is; it ends with the program.

Examples:
  msgtrk log-level debug --for 30m --config msgtrk.yaml
  msgtrk log-level configured --config msgtrk.yaml
  msgtrk log-level --state ./state

Exit code: 0 done, 2 a mistake in the command, 7 no instance is running on the state folder, 1 the instance can't be
asked.`

/** The command; throws a ProblemsError when no instance answers. */
export function logLevelCommand({ stdout = process.stdout }: CommandContext): Command {
  return withInstance(new Command('log-level'))
    .description('Change the level of the own log of a running msgtrk for a while.')
    .addArgument(
      new Argument(
        '[level]',
        `${logLevels.join(', ')}, or ${ofConfiguration} for that of the configuration`,
      ).choices([...logLevels, ofConfiguration]),
    )
    .option('--for <time>', 'how long, such as 90s, 10m or 2h; 24h at most (default: 10m)', seconds)
    .addHelpText('after', details)
    .action(async (level: string | undefined, { for: forSeconds, ...args }: LevelArguments) => {
      if (forSeconds !== undefined && (level === undefined || level === ofConfiguration)) {
        const message = 'is for a level that is asked for'
        throw new ProblemsError([
          { where: { option: '--for' }, message, remedy: `give one: ${logLevels.join(', ')}` },
        ])
      }
      const state = await stateOf(args)
      const question = { state, path } as const
      const answer =
        level === undefined
          ? await ask({ ...question, method: 'GET' })
          : await ask({
              ...question,
              method: 'POST',
              body: {
                by: asker('log-level'),
                level: level === ofConfiguration ? null : level,
                forSeconds: forSeconds ?? usualSeconds,
              },
            })
      stdout.write(`${visible(lineOf(answer as LevelAnswer))}\n`)
    })
}

function lineOf({ level, until, by }: LevelAnswer): string {
  if (until === null) return `The level of the own log is ${level}, as configured.`
  const left = duration((Date.parse(until) - Date.now()) / 1000)
  return `The level of the own log is ${level} until ${until} (${left}), asked for by ${by}.`
}

/** Seconds of `90s`, `10m`, `2h`. */
function seconds(text: string): number {
  const [, number, unit] = /^(\d{1,6})(s|m|h)$/.exec(text.trim()) ?? []
  const value = Number(number) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1)
  if (value >= 1 && value <= longestLevelSeconds) return value
  throw new InvalidArgumentError('Give a time such as 90s, 10m or 2h, of 24h at most.')
}
