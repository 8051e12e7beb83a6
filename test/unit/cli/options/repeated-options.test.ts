import { Command, type Option } from 'commander'
import { expect, test } from 'vitest'
import { checkCommand } from '../../../../src/cli/commands/check.ts'
import { convertCommand } from '../../../../src/cli/commands/convert.ts'
import { decryptCommand } from '../../../../src/cli/commands/decrypt.ts'
import { demoCommand } from '../../../../src/cli/commands/demo.ts'
import { explainCommand } from '../../../../src/cli/commands/explain.ts'
import { filterCommand } from '../../../../src/cli/commands/filter.ts'
import { mappingsCommand } from '../../../../src/cli/commands/mappings.ts'
import { presetsCommand } from '../../../../src/cli/commands/presets.ts'
import { receiveCommand } from '../../../../src/cli/commands/receive.ts'
import { runCommand } from '../../../../src/cli/commands/run.ts'
import { simulateCommand } from '../../../../src/cli/commands/simulate.ts'
import { stateCommand } from '../../../../src/cli/commands/state.ts'
import { ListOption, refuseRepeated, takesList } from '../../../../src/cli/options/repeated-options.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'

const context = { stop: new AbortController().signal }
const commands = [
  runCommand(context), convertCommand(context), filterCommand(context), stateCommand(context), checkCommand(),
  explainCommand(context), mappingsCommand(context), presetsCommand(), decryptCommand(context),
  receiveCommand(context), simulateCommand(context), demoCommand(context),
] // biome-ignore format: a list

/** A command that does nothing, with its full name and an option of it. */
interface Case {
  readonly name: string
  readonly command: Command
  readonly option: Option
}

function casesOf(command: Command, before = ''): readonly Case[] {
  const name = `${before}${command.name()}`
  command.exitOverride().configureOutput({ writeErr() {} })
  if (command.commands.length === 0) command.action(() => {})
  return [
    ...command.options.map((option) => ({ name, command, option })),
    ...command.commands.flatMap((part) => casesOf(part, `${name} `)),
  ]
}

/** The option with a value that it takes. */
function given(option: Option): readonly string[] {
  const flag = option.long as string
  if (!option.required && !option.optional) return [flag]
  const values = [option.argChoices?.[0], '1', 'monitoring', 'failed', 'sender-address', 'EX01', 'utc']
  const fits = (value: string | undefined) => {
    if (value === undefined) return false
    try {
      option.parseArg?.(value, undefined as never)
      return true
    } catch {
      return false
    }
  }
  return [flag, values.find(fits) as string]
}

test.each(
  commands
    .flatMap((command) => casesOf(refuseRepeated(command)))
    .map((each) => [each.name, each.option.flags, each] as const),
)('%s: %s given twice is a list or a mistake', (_name, _flags, { command, option }) => {
  const others = command.options.filter((other) => other.mandatory && other !== option).flatMap(given)
  const inputs = command.registeredArguments.filter(({ required }) => required).map(() => 'x')
  const parse = () =>
    command.parse([...inputs, ...given(option), ...given(option), ...others], { from: 'user' })
  if (takesList(option)) {
    parse()
    expect(command.getOptionValue(option.attributeName())).toHaveLength(2)
  } else expect(parse).toThrow(ProblemsError)
})

test('all that was given too often is told at once, also in its short form, and what to do instead', () => {
  const command = refuseRepeated(
    new Command('run')
      .option('--to <url>', '')
      .option('-o, --output <file>', '')
      .option('--once', '')
      .addOption(new ListOption('--events <ids>', '', (text) => text.split(',')))
      .action(() => {}),
  )
  const events = ['--events', 'SEND,FAIL', '--events', 'DSN']
  const parse = (...args: string[]) => command.parse(args, { from: 'user' })
  expect(parse('--to', 'a', '--once', ...events).opts()).toMatchObject({ events: ['SEND', 'FAIL', 'DSN'] })
  const problems = (() => {
    try {
      return parse('--to', 'a', '--to', 'b', '-o', '1', '--output', '2', '-o', '3')
    } catch (error) {
      return error
    }
  })()
  expect(problems).toMatchObject({
    exitCode: 2,
    problems: [
      {
        where: { option: '--to' },
        message: 'is given twice',
        remedy: expect.stringContaining('destinations'),
      },
      { where: { option: '--output' }, message: 'is given 3 times', remedy: 'give it once' },
    ],
  })
})
