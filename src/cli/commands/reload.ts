/** `msgtrk reload`: a running instance reads its configuration again. */
import { Command } from 'commander'
import type { ReloadAnswer } from '../../app/control.ts'
import { ask } from '../../control/client.ts'
import { visible } from '../../mistakes/visible.ts'
import type { CommandContext } from '../command-context.ts'
import { asker } from '../options/asker.ts'
import { type InstanceArguments, stateOf, withInstance } from '../options/instance-options.ts'

interface ReloadArguments extends InstanceArguments {
  readonly deliverAgain?: boolean
}

/** A destination that is stopped has ten seconds for it; before that, all is read and made anew. */
const answerMs = 60_000

const details = `
The instance reads the configuration that it was started with again, with the tables, categories, certificates and
\${file:…} that it names, and answers when all that differs is changed. A destination with the same settings goes on
untouched. With any mistake nothing is changed, and all of them are told.

A source or destination with a new name would deliver all of its logs again, since positions are kept by name. So that
is refused; formerName lets them go on (docs/operations.md), --deliver-again has it delivered again.

Examples:
  msgtrk reload --config msgtrk.yaml
  msgtrk reload --state ./state

Exit code: 0 done, 2 a mistake (nothing has changed), 7 no instance is running on the state folder, 1 the instance
can't be asked.`

/** The command; throws a ProblemsError with all mistakes, or when no instance answers. */
export function reloadCommand({ stdout = process.stdout }: CommandContext): Command {
  return withInstance(new Command('reload'))
    .description('Have a running msgtrk read its configuration again, and change what differs.')
    .option('--deliver-again', 'sources and destinations with new names may deliver all of their logs again')
    .addHelpText('after', details)
    .action(async ({ deliverAgain = false, ...args }: ReloadArguments) => {
      const state = await stateOf(args)
      const body = { by: asker('reload'), deliverAgain }
      const answer = await ask({ state, method: 'POST', path: '/reload', body, timeoutMs: answerMs })
      for (const line of linesOf(answer as ReloadAnswer)) stdout.write(`${visible(line)}\n`)
    })
}

function linesOf({ file, sha256, ...done }: ReloadAnswer): readonly string[] {
  const { changed, kept, restarted, started, stopped } = done
  const what = file ?? 'The command line and its files'
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['untouched', kept],
    ['goes on with the new settings', restarted],
    ['new', started],
    ['stopped', stopped],
  ]
  return [
    `${what}: ${changed.length === 0 ? 'nothing has changed' : 'in force'}, SHA-256 ${sha256}`,
    ...changed.map((name) => `  changed: ${name}`),
    ...lists.flatMap(([label, names]) => (names.length === 0 ? [] : [`  ${label}: ${names.join(', ')}`])),
  ]
}
