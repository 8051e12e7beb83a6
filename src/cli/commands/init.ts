/** `msgtrk init`: a configuration from a few answers, each tried for real. */
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { doubtsTo } from '../check/doubts.ts'
import type { CommandContext } from '../command-context.ts'
import { type Asker, Cancelled, terminalAsker } from '../init/asker.ts'
import { asGiven, askForRest, type Completed } from '../init/complete-answers.ts'
import { leftOutText } from '../init/config-text.ts'
import { firstRecord } from '../init/first-record.ts'
import { givenBy, type InitArguments } from '../init/given.ts'
import { type Written, writeConfig } from '../init/write-config.ts'
import { eventsOption } from '../options/event-options.ts'
import { ListOption } from '../options/repeated-options.ts'
import { type Imported, importAgent } from '../smartconnector/import.ts'
import { inLines } from '../terminal/lines.ts'
import type { Terminal } from '../terminal/question.ts'
import { explainCommand } from './explain.ts'

/** What the command runs in. */
export interface InitContext extends CommandContext {
  readonly terminal?: Terminal
  /** Who is asked; on a terminal by default. */
  readonly asker?: Asker
}

const details = `
On a terminal it asks for what no option says, with defaults, and tries each answer for real: lists the folder and
reads its newest log, connects to the receiver and shows its certificate before anything trusts it. Nothing is sent.
It writes a commented configuration that "msgtrk check" finds in order, and shows what becomes of one record.
With --yes it asks nothing: what does not work is a mistake then, and nothing is written.

Examples:
  msgtrk init
  msgtrk init --yes --from EX01/ EX02/ --to tls://logger.example.com:6514 --ca ca.pem --preset arcsight
  msgtrk init --yes --from EX01/ --to tcp://127.0.0.1:5514 --config /etc/msgtrk/msgtrk.yaml --http
  msgtrk init --from-smartconnector current/user/agent/agent.properties

Exit code: 0 written, 1 it could not be written or the answer was no, 2 a mistake, or something did not work.`

/** The command; throws a ProblemsError for what a person can mend. */
export function initCommand(context: InitContext): Command {
  const terminal = context.terminal ?? { input: process.stdin, output: process.stderr }
  return new Command('init')
    .description('Write a configuration from a few answers, each tried for real.')
    .option('--config <file>', 'the file to write', 'msgtrk.yaml')
    .option('--from <folders...>', 'folders with message tracking logs')
    .option('--pattern <glob>', 'which files of the folders (default: MSGTRK*.LOG)')
    .option('--start-at <place>', 'where reading begins: beginning, end, or a time with its zone')
    .option(
      '--to <url>',
      'the receiver: udp://, tcp:// or tls://HOST:PORT, kafka://BROKERS/TOPIC, sentinel://…, file:///FOLDER/NAME or stdout:',
    )
    .addOption(
      new ListOption('--failover <urls>', 'receivers that stand in for it, separated by commas', listOf),
    )
    .option('--preset <name>', 'what the receiver is (msgtrk presets list)')
    .option('--ca <file>', 'authority that signed the certificate of a tls:// receiver, PEM; or system')
    .option('--fingerprint <sha256>', 'the certificate of a tls:// receiver, whoever signed it')
    .option('--server-name <name>', 'name that its certificate is for, if not the host of --to')
    .option('--cert <file>', 'client certificate to show to it, PEM')
    .option('--key <file>', 'private key of the client certificate, PEM')
    .option('--tenant-id <id>', 'tenant of the application for a sentinel:// receiver')
    .option('--client-id <id>', 'that application, or the managed identity of this machine')
    .option('--client-secret-file <file>', 'file with its secret')
    .option('--client-certificate <file>', 'in place of a secret: its certificate and key, PEM')
    .option('--tls', 'brokers of kafka:// speak TLS (--ca and --cert say so, too)')
    .option('--sasl <mechanism>', 'how to sign in there: plain, scram-sha-256, scram-sha-512')
    .option('--user <name>', 'as whom')
    .option('--password-file <file>', 'file with the password')
    .addOption(eventsOption((ids) => ids.split(',')))
    .addOption(new ListOption('--noise <names>', 'what is left out as noise, such as monitoring', listOf))
    .option('--state <folder>', 'folder for positions and dead letters')
    .option('--http [address]', 'a status page with a token, at 127.0.0.1:9464 unless said otherwise')
    .option('--no-http', 'no status page')
    .option('--from-smartconnector <file>', 'take over what an agent.properties says')
    .option('--yes', 'ask nothing')
    .option('--untried', 'write it although something does not work yet')
    .option('--overwrite', 'replace the file if it is there already')
    .addHelpText('after', details)
    .action((args: InitArguments) => init(args, context, terminal))
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim())
}

async function init(args: InitArguments, context: InitContext, terminal: Terminal): Promise<void> {
  const { stop, stdout = process.stdout, stderr = process.stderr } = context
  const cwd = process.cwd()
  const file = path.resolve(args.config)
  const isAsking = args.yes !== true
  const isTerminal = terminal.input.isTTY === true && terminal.output.isTTY === true
  if (isAsking && context.asker === undefined && !isTerminal) throw nobodyToAsk()
  if (args.overwrite !== true && !isAsking) await refuseExisting(file, args.config)
  const imported = await importedFrom(args.fromSmartconnector)
  const known = { args, given: givenBy(args, imported, cwd), leftOut: imported.leftOut, file }
  const tell = (text: string) => stderr.write(`${inLines(visible(text), stderr.columns)}\n`)
  if (args.fromSmartconnector !== undefined) tellImported(imported, stderr.write.bind(stderr))
  let over = args.overwrite === true
  try {
    let completed: Completed
    if (isAsking) {
      const asker = context.asker ?? (await terminalAsker(terminal, stop))
      if (args.overwrite !== true && (await isThere(file))) {
        over = await asker.agree(`${file} is there already. Is it to be replaced in the end?`, false)
        if (!over) await refuseExisting(file, args.config)
      }
      completed = await askForRest(known, { asker, cwd, signal: stop })
      if (!(await asker.agree(`Write ${file}?`, true))) throw new Cancelled()
    } else {
      completed = await asGiven(known, {
        cwd,
        signal: stop,
        tell: ({ message, remedy }) => {
          tell(message)
          if (remedy !== undefined) tell(`  → ${remedy}`)
        },
      })
    }
    const written = await writeConfig(completed.answers, file, {
      over,
      log: doubtsTo(stderr),
    })
    stdout.write(`Wrote ${visible(args.config)}; "msgtrk check" finds it in order.\n`)
    await showRecord(completed, written, args.config, { stop, stdout })
    for (const line of nextSteps(written, args.config, isAsking)) {
      stdout.write(`${inLines(line, stdout.columns)}\n`)
    }
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    stderr.write('Nothing was written.\n')
    process.exitCode = ExitCode.failed
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

/** It may be somebody's work. */
async function refuseExisting(file: string, written: string): Promise<void> {
  if (!(await isThere(file))) return
  throw new ProblemsError([
    {
      where: { file: written },
      message: 'is there already',
      remedy: '--overwrite replaces it; --config names another file',
    },
  ])
}

function nobodyToAsk(): ProblemsError {
  return new ProblemsError([
    {
      where: { option: '--yes' },
      message: 'is missing, and there is no terminal to ask on',
      remedy:
        'say everything by options: msgtrk init --yes --from FOLDER… --to tls://HOST:PORT --ca FILE (or --fingerprint) ' +
        '--preset NAME --events IDS --noise NAMES --state FOLDER --http --config FILE (--help says more)',
    },
  ])
}

async function importedFrom(file: string | undefined): Promise<Imported> {
  if (file === undefined) return { isOfConnector: false, sources: [], destinations: [], leftOut: [] }
  const remedy = 'name the agent.properties in current/user/agent of the connector'
  try {
    const imported = importAgent(await readFile(file))
    if (imported.isOfConnector) return imported
    const message =
      'tells of no connector: no key of it begins with agents[0]., as in the file of a silent set-up'
    throw new ProblemsError([{ where: { file }, message, remedy }])
  } catch (error) {
    if (error instanceof ProblemsError) throw error
    const message = `can't be read: ${error instanceof Error ? error.message : error}`
    throw new ProblemsError([{ where: { file }, message, remedy }])
  }
}

function tellImported({ sources, destinations, leftOut }: Imported, write: (text: string) => unknown): void {
  const lines = [
    'Taken over from the SmartConnector:',
    ...sources.map(({ folder, pattern, startAt }) => {
      return `  folder ${folder}${pattern === undefined ? '' : `, ${pattern}`}, from the ${startAt}`
    }),
    ...destinations.map(({ to, failover }) => {
      return `  receiver ${to}${failover === undefined ? '' : `, then ${failover.join(', ')}`}`
    }),
    ...(sources.length + destinations.length === 0
      ? ['  nothing: no folder and no receiver of CEF over syslog is in it']
      : []),
    ...(leftOut.length === 0 ? [] : ['Not carried over:', ...leftOut.map((one) => `  ${leftOutText(one)}`)]),
  ]
  write(`${lines.map(visible).join('\n')}\n`)
}

async function showRecord(
  { logs }: Completed,
  { config }: Written,
  file: string,
  context: Pick<CommandContext, 'stop' | 'stdout'>,
): Promise<void> {
  const [destination] = config.destinations
  const record = destination && (await firstRecord(logs, destination))
  if (record === undefined || destination === undefined) {
    context.stdout?.write(
      '\nNo record was found yet; "msgtrk explain FILE:LINE" shows what becomes of one.\n',
    )
    return
  }
  context.stdout?.write(`\nWhat becomes of one record, ${visible(record)}:\n\n`)
  const args = ['--config', file, '--destination', destination.name, record]
  await explainCommand(context as CommandContext)
    .exitOverride()
    .parseAsync(args, { from: 'user' })
}

function nextSteps({ config, token }: Written, file: string, isAsking: boolean): readonly string[] {
  const script = process.argv[1] ?? ''
  const program = /[\\/]main\.js$/.test(script)
    ? `node ${quoted(path.relative(process.cwd(), script))}`
    : 'msgtrk'
  const named = quoted(file)
  const lines = [
    '',
    'Next:',
    `  ${program} run --config ${named}`,
    `  ${program} status --config ${named}     how it fares, from another window`,
  ]
  if (config.http !== undefined && token !== undefined) {
    const address = `http://${config.http.listen}/`
    lines.push(
      '',
      token.text !== undefined && isAsking
        ? `Status page, once it runs: ${address}#token=${token.text}`
        : `Status page, once it runs: ${address}`,
      `Its token is in ${visible(token.file)}; the account that msgtrk runs under has to read that file.`,
    )
  }
  return lines
}

function quoted(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `"${visible(text)}"`
}
