/**
 * An option that is given twice either takes a list or is a mistake: of two values for one thing, the parser would drop
 * the first without a word.
 */
import { type Command, Option } from 'commander'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'

/** An option that takes a list: what is given again is added. `parse` gives the members of one value. */
export class ListOption extends Option {
  constructor(flags: string, description: string, parse: (text: string) => readonly string[]) {
    super(flags, description)
    this.argParser<readonly string[]>((text, before = []) => [...before, ...parse(text)])
  }
}

/** What to do other than to give it once. */
const remedies: Readonly<Record<string, string>> = {
  '--to':
    'write a configuration file for several receivers: each under destinations, or under failover of another',
}

/** Whether several values of the option add up. */
export function takesList(option: Option): boolean {
  return option.variadic || option instanceof ListOption
}

/**
 * Makes every other option of the command, and of the commands below it, a mistake when it is given twice: a
 * `ProblemsError` with all of them before the command does anything.
 */
export function refuseRepeated(command: Command): Command {
  const times = new Map<Option, number>()
  for (const option of command.options.filter((option) => !takesList(option))) {
    command.on(`option:${option.name()}`, () => times.set(option, (times.get(option) ?? 0) + 1))
  }
  command.hook('preAction', () => {
    const problems = [...times].flatMap(([option, count]): Problem[] => {
      const name = option.long ?? option.flags
      const remedy = remedies[name] ?? 'give it once'
      return count < 2
        ? []
        : [
            {
              where: { option: name },
              message: `is given ${count === 2 ? 'twice' : `${count} times`}`,
              remedy,
            },
          ]
    })
    times.clear()
    if (problems.length > 0) throw new ProblemsError(problems)
  })
  for (const part of command.commands) refuseRepeated(part)
  return command
}
