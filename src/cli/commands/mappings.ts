/** `msgtrk mappings`: look at mapping tables, compare them, check them, and try them on logs. */
import { Command } from 'commander'
import { createMapper } from '../../map/mapper.ts'
import { builtInMappings, loadDictionary, loadMapping } from '../../map/table/load.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { together } from '../../mistakes/together.ts'
import { visible } from '../../mistakes/visible.ts'
import type { CommandContext } from '../command-context.ts'
import { findInputs, type Input, unreadable } from '../inputs/find-inputs.ts'
import { textOf } from '../inputs/texts.ts'
import { compareMappings } from '../mappings/diff.ts'
import { describeMapping, logsText, type MappingDescription } from '../mappings/rows.ts'
import { MappingTest, testReport } from '../mappings/test.ts'
import { additionalDataOption, cefVersionOption, type MappingArguments } from '../options/event-options.ts'
import { tellProblem } from '../terminal/problems.ts'
import { textTable } from '../terminal/table.ts'

type EventArguments = Pick<MappingArguments, 'additionalData' | 'cefVersion'>

const overview = `
TABLE is the name of a built-in table (exchange-2013: its newest version; exchange-2013.v1) or a file.
How to write one: docs/mapping.md.

Examples:
  msgtrk mappings list
  msgtrk mappings show exchange-2013
  msgtrk mappings diff exchange-2013 my-table.yaml
  msgtrk mappings check my-table.yaml
  msgtrk mappings test my-table.yaml --with MSGTRK2026112014-1.LOG`

const checkDetails = `
Prints every mistake at once, with its line and the remedy.

Exit code: 0 when all tables are in order, 2 for a mistake.`

const testDetails = `
Runs all records of the logs through the table and prints for each key how often its value was

  written   as it is
  cut       shortened to the limit of the key
  clamped   a number too large for the key: the largest one was written
  invalid   left out: not of the type of the key
  excluded  left out by the condition of its row, or an address of the other family
  empty     left out: there is none

and the first values. Folders give their MSGTRK*.LOG files.

Exit code: 0 when every value could be written, 1 when some were invalid, a log could not be read or none
held a record, 2 for a mistake in the table, 4 when stopped.`

/** The command; `stop` ends a test. Throws a ProblemsError for what a person can mend. */
export function mappingsCommand(context: CommandContext): Command {
  const { stop, stdout = process.stdout, stderr = process.stderr } = context
  const width = stdout.columns
  const command = new Command('mappings')
    .description('Look at mapping tables, compare them, check them, and try them on logs.')
    .addHelpText('after', overview)
  command
    .command('list')
    .description('The built-in tables, and which logs each is for.')
    .action(() => void stdout.write(list(width)))
  command
    .command('show')
    .description('What a table puts under each key.')
    .argument('<table>', 'the name of a table, or a file')
    .action((table: string) => void stdout.write(show(describe(table), width)))
  command
    .command('diff')
    .description('Rows that one table has and the other has not, or has otherwise.')
    .argument('<a>', 'the name of a table, or a file')
    .argument('<b>', 'the name of a table, or a file')
    .action(async (a: string, b: string) => {
      const [one, other] = await together([() => describe(a), () => describe(b)])
      stdout.write(compareMappings(one, other, width))
    })
  addEventOptions(command.command('check'))
    .description('Check tables of your own: every mistake at once.')
    .argument('<files...>', 'tables')
    .addHelpText('after', checkDetails)
    .action((files: readonly string[], options: EventArguments) => {
      stdout.write(check(files, options))
    })
  addEventOptions(command.command('test'))
    .description('Try a table on logs: what becomes of the values of each key.')
    .argument('<table>', 'the name of a table, or a file')
    .requiredOption('--with <logs...>', 'files or folders, or - for standard input')
    .addHelpText('after', testDetails)
    .action(async (table: string, options: EventArguments & { readonly with: readonly string[] }) => {
      const [test, inputs] = await together([
        () => new MappingTest({ ...options, mapping: table }),
        () => findInputs(options.with),
      ])
      const failed = await run(test, inputs, stop)
      for (const problem of failed) tellProblem(stderr, problem)
      stdout.write(testReport(test, width))
      process.exitCode = stop.aborted ? ExitCode.unfinished : codeFor(test, failed)
    })
  return command
}

function addEventOptions(command: Command): Command {
  return command.addOption(additionalDataOption()).addOption(cefVersionOption())
}

function describe(table: string): MappingDescription {
  const dictionary = loadDictionary()
  return describeMapping(loadMapping(table, { dictionary }), dictionary)
}

function list(width: number | undefined): string {
  const dictionary = loadDictionary()
  const rows = builtInMappings().map((name) => {
    const { id, content } = loadMapping(name, { dictionary })
    const logs = content.for === undefined ? 'its name only' : `logs ${logsText(content.for)}`
    return [id, content.version, logs, content.description ?? '']
  })
  return textTable([['table', 'version', 'chosen for', 'description'], ...rows], { width })
}

function show({ id, facts, rows }: MappingDescription, width: number | undefined): string {
  const about = textTable(facts, { width })
  const lines = rows.map(({ key, from, as, when, label, limit }) => [key, as, when, label, limit, from])
  const head = ['key', 'as', 'when', 'label', 'limit', 'from']
  return `${visible(id)}\n${about}\n${textTable([head, ...lines], { width })}`
}

function check(files: readonly string[], options: EventArguments): string {
  const problems: Problem[] = []
  for (const file of files) {
    try {
      createMapper({ ...options, mapping: file })
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems)
  return files.map((file) => `${visible(file)} is in order: ${visible(describe(file).id)}\n`).join('')
}

/** Runs the test over all logs; returns the problems of those that can't be read. */
async function run(
  test: MappingTest,
  inputs: readonly Input[],
  stop: AbortSignal,
): Promise<readonly Problem[]> {
  const failed: Problem[] = []
  for (const input of inputs) {
    try {
      for await (const chunk of textOf(input.path, stop).chunks()) {
        test.take(chunk)
        if (stop.aborted) return failed
      }
    } catch (error) {
      if (stop.aborted) return failed
      failed.push(...(error instanceof ProblemsError ? error.problems : [unreadable(input.path, error)]))
    }
  }
  return failed
}

function codeFor({ records, invalid }: MappingTest, failed: readonly Problem[]): ExitCode {
  return failed.length > 0 || records === 0 || invalid > 0 ? ExitCode.failed : ExitCode.ok
}
