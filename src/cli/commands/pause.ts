/** `msgtrk pause` and `msgtrk resume`: a destination of a running instance waits, and goes on. */
import { Command } from 'commander'
import type { PauseAnswer } from '../../app/pauses.ts'
import { ask } from '../../control/client.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { CommandContext } from '../command-context.ts'
import { asker } from '../options/asker.ts'
import { askStatus, type InstanceArguments, stateOf, withInstance } from '../options/instance-options.ts'

const about = `
What is in flight settles, and nothing more is read for the destination; its connection may end. Positions stay, and the
logs wait in the folders: "msgtrk status" shows how much that is, and when Exchange deletes the oldest of it. Others go
on. A pause outlasts a reload, and ends with the program: the next start delivers again, so that a forgotten one loses
nothing. Each hour the own log warns of it.`

const exitCodes = `
Exit code: 0 done, or so before; 2 no such destination, or another mistake; 7 no instance is running on the state folder,
1 the instance can't be asked.`

/** The command; throws a ProblemsError when there is no such destination, or no instance answers. */
export function pauseCommand({ stdout = process.stdout }: CommandContext): Command {
  return command('pause', 'Deliver nothing more to a destination of a running msgtrk until it is resumed.')
    .addHelpText(
      'after',
      `${about}\n\nExamples:\n  msgtrk pause siem --config msgtrk.yaml\n  msgtrk resume siem --config msgtrk.yaml\n${exitCodes}`,
    )
    .action(async (given: string | undefined, args: InstanceArguments) => {
      const destination = given ?? (await oneOf('pause', args))
      const { isNew, paused } = await change('pause', destination, args)
      const since = isNew ? '' : ` since ${paused?.since}, by ${paused?.by}`
      stdout.write(`${visible(`${destination} is paused${since}; to go on: msgtrk resume ${destination}`)}\n`)
    })
}

/** The same of the way back. */
export function resumeCommand({ stdout = process.stdout }: CommandContext): Command {
  return command('resume', 'Deliver again to a destination that was paused, from where it stopped.')
    .addHelpText('after', `\nExamples:\n  msgtrk resume siem --config msgtrk.yaml\n${exitCodes}`)
    .action(async (given: string | undefined, args: InstanceArguments) => {
      const destination = given ?? (await oneOf('resume', args))
      const { paused } = await change('resume', destination, args)
      const was =
        paused === null ? 'was not paused' : `goes on; it was paused since ${paused.since}, by ${paused.by}`
      stdout.write(`${visible(`${destination} ${was}`)}\n`)
    })
}

function command(name: string, description: string): Command {
  return withInstance(new Command(name)).description(description).argument('[destination]', 'its name')
}

/** Throws a `ProblemsError` with the names that could be meant: it is never chosen for a person. */
async function oneOf(what: 'pause' | 'resume', args: InstanceArguments): Promise<never> {
  const { destinations } = await askStatus(await stateOf(args))
  const could = destinations.filter(({ pausedBy }) => (pausedBy !== null) === (what === 'resume'))
  const names = could.map(({ name }) => name).join(', ')
  const other = what === 'pause' ? 'all are paused already' : 'none is paused'
  throw new ProblemsError([
    {
      where: { argument: 'destination' },
      message: 'is missing',
      remedy: could.length === 0 ? other : `name ${could.length === 1 ? 'it' : 'one of these'}: ${names}`,
    },
  ])
}

async function change(
  what: 'pause' | 'resume',
  destination: string,
  args: InstanceArguments,
): Promise<PauseAnswer> {
  const state = await stateOf(args)
  const body = { destination, by: asker(what) }
  return (await ask({ state, method: 'POST', path: `/${what}`, body })) as PauseAnswer
}
