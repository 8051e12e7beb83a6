/** `msgtrk decrypt`: the plain values of encrypted ones, for who holds the key. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Command } from 'commander'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import type { Words } from '../../mistakes/words.ts'
import { kindOf, type ProtectableColumn, protectableColumns } from '../../privacy/columns.ts'
import { Ff1 } from '../../privacy/ff1.ts'
import { aesKeySizes, keyProblem, readSecret, tweakProblem } from '../../privacy/secret.ts'
import { decryptValue } from '../../privacy/value-cipher.ts'
import type { CommandContext } from '../command-context.ts'
import { unreadable } from '../inputs/find-inputs.ts'
import { oneOfNames } from '../options/one-of-names.ts'
import { openOutput } from '../terminal/byte-output.ts'
import { warnOfExposed } from '../terminal/exposed-secret.ts'
import { tellProblem } from '../terminal/problems.ts'

interface DecryptArguments {
  readonly keyFile: string
  readonly tweakFile?: string
  readonly column: ProtectableColumn
}

/** What the command works with: `stop` ends its wait for standard input. */
interface DecryptContext extends Pick<CommandContext, 'stop'> {
  readonly stdin?: Readable
  readonly stdout?: NodeJS.WriteStream
}

const examples = `
Undoes privacy's "encrypt". The key and the tweak are read from files, since others see a command line; they
are those of encryptKey and tweak in the configuration. The column says what the values are: addresses, lists
of them, IP addresses or text. Without values, each line of standard input is one; each gives a line.

Encryption keeps the form of a value and so leaves no room for a seal: another key gives another value, which
is not always noticed.

Examples:
  msgtrk decrypt --key-file encrypt.key --tweak-file tweak --column sender-address 'x7Kq@b2mVa0Q.9cR'
  cut -f4 events.tsv | msgtrk decrypt --key-file encrypt.key --column recipient-address

Exit code: 0 when all was decrypted, 1 when a value was not, 2 for a mistake, 4 when stopped.`

/** The command; throws a `ProblemsError` for mistakes with the files. */
export function decryptCommand({ stop, stdin = process.stdin, stdout }: DecryptContext): Command {
  return new Command('decrypt')
    .description('Decrypt values that privacy encrypted, for the holder of the key.')
    .argument('[values...]', 'encrypted values; each line of standard input by default')
    .requiredOption('--key-file <file>', 'file with the key, in hexadecimal or base64')
    .option('--tweak-file <file>', 'file with the tweak; needed if the configuration has one')
    .requiredOption('--column <name>', 'the column of the log that the values are of', column)
    .addHelpText('after', examples)
    .action(async (values: readonly string[], options: DecryptArguments) => {
      const ff1 = await readKeys(options)
      const kind = kindOf(options.column)
      const output = await openOutput(undefined, [], stdout)
      let number = 0
      for await (const value of values.length > 0 ? values : linesOf(stdin, stop)) {
        number++
        const plain = decryptValue(ff1, value, kind)
        // A line for each, so that they can be put beside what they were made of.
        await output.write(Buffer.from(`${plain ?? ''}\n`))
        if (plain !== undefined) continue
        const where =
          values.length > 0 ? { argument: `value ${number}` } : { file: 'standard input', line: number }
        const problem = {
          where,
          message: 'is nothing that this key encrypted for this column',
          remedy: 'check the key, the tweak and the column, and whether the value is whole',
        }
        tellProblem(process.stderr, problem)
        process.exitCode = ExitCode.failed
      }
      if (stop.aborted) process.exitCode = ExitCode.unfinished
    })
}

function column(name: string): ProtectableColumn {
  return oneOfNames(name, protectableColumns, 'The columns')
}

async function readKeys({ keyFile, tweakFile }: DecryptArguments): Promise<Ff1> {
  const problems: Problem[] = []
  const key = await readSecretFile(keyFile, (bytes) => keyProblem(bytes, aesKeySizes), problems)
  const tweak =
    tweakFile === undefined ? Buffer.alloc(0) : await readSecretFile(tweakFile, tweakProblem, problems)
  if (key === undefined || tweak === undefined) throw new ProblemsError(problems)
  return new Ff1(key, tweak)
}

/** What it holds is never shown. */
async function readSecretFile(
  file: string,
  problemOf: (bytes: Buffer | undefined) => Words | undefined,
  problems: Problem[],
): Promise<Buffer | undefined> {
  try {
    warnOfExposed(file)
    const bytes = readSecret((await readFile(file, 'utf8')).replace(/^\ufeff/, ''))
    const problem = problemOf(bytes)
    if (problem === undefined) return bytes
    // A new one, which is the remedy elsewhere, would decrypt nothing.
    problems.push({ where: { file }, message: problem.message })
  } catch (error) {
    problems.push(unreadable(file, error))
  }
  return undefined
}

/** The lines of a stream until it ends or `stop` aborts. */
async function* linesOf(input: Readable, stop: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  const close = () => lines.close()
  stop.addEventListener('abort', close, { once: true })
  try {
    if (!stop.aborted) yield* lines
  } finally {
    stop.removeEventListener('abort', close)
    lines.close()
  }
}
