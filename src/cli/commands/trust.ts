/** `msgtrk trust`: what a receiver over TLS shows, and a part of it saved once a person has agreed. */
import path from 'node:path'
import { Command } from 'commander'
import { readTarget } from '../../destinations/kinds.ts'
import { chainShownBy, type ShownChain } from '../../destinations/stream/shown-chain.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { Mistaken } from '../../mistakes/words.ts'
import type { HostPort } from '../../network/host-port.ts'
import type { CommandContext } from '../command-context.ts'
import { askNewFile } from '../init/ask-receiver.ts'
import { type Asker, Cancelled, terminalAsker } from '../init/asker.ts'
import { authorityIn, chainText, objectionText, pemOf } from '../init/certificates.ts'
import { writeNew } from '../init/write-new.ts'
import type { Terminal } from '../terminal/question.ts'
import { textTable } from '../terminal/table.ts'

/** What the command runs in. */
export interface TrustContext extends CommandContext {
  readonly terminal?: Terminal
  /** Who is asked; on a terminal by default. */
  readonly asker?: Asker
}

interface TrustArguments {
  readonly saveAuthority?: string
  readonly savePin?: string
  readonly serverName?: string
  readonly yes?: boolean
}

const details = `
Shows each certificate of the chain: subject, issuer, names, validity and sha-256, and whether this machine trusts it.
Nothing is sent, and nothing is trusted by it: compare the sha-256 with what the receiver's administrator reads off
there, since anybody on the way could show a certificate. On a terminal it then offers to save the authority, for
tls.ca, or the fingerprint, for tls.fingerprint. Files that are there already stay as they are.

Examples:
  msgtrk trust logger.example.com:6514
  msgtrk trust logger.example.com:6514 --save-authority ca.pem
  msgtrk trust 10.0.0.5:6514 --server-name logger.example.com --save-pin logger.pin --yes

Exit code: 0 shown or saved, 1 it could not be reached, the answer was no, or a file could not be written, 2 a mistake.`

/** The command; throws a ProblemsError for what a person can mend. */
export function trustCommand(context: TrustContext): Command {
  return new Command('trust')
    .description('Show the certificates of a receiver over TLS, and save its authority or fingerprint.')
    .argument('<receiver>', 'HOST:PORT, or tls://HOST:PORT')
    .option('--save-authority <file>', 'save the authority that it shows, for tls.ca')
    .option('--save-pin <file>', 'save the fingerprint, for tls.fingerprint')
    .option('--server-name <name>', 'name that its certificate should be for, if not the host')
    .option('--yes', 'save without asking')
    .addHelpText('after', details)
    .action((receiver: string, args: TrustArguments) => trust(receiver, args, context))
}

async function trust(receiver: string, args: TrustArguments, context: TrustContext): Promise<void> {
  const { stop, stdout = process.stdout, stderr = process.stderr } = context
  const terminal = context.terminal ?? { input: process.stdin, output: process.stderr }
  const to = /^[a-z]+:\/\//i.test(receiver) ? receiver : `tls://${receiver}`
  const target = readTarget(to)
  if (target instanceof Mistaken) throw problem(receiver, target.words.message, target.words.remedy)
  if (target.kind.protocol !== 'tls') {
    throw problem(
      receiver,
      `is ${target.kind.protocol}://, and certificates are shown by receivers over TLS`,
      'write HOST:PORT of one, such as a broker',
    )
  }
  const chain = await shown(receiver, target.address as HostPort, args, stop)
  stdout.write(`${visible(receiver)} shows:\n\n${visibleLines(chainText(chain, stdout.columns))}\n\n`)
  stdout.write(textTable([[verdictOn(chain)]], { width: stdout.columns }))
  const isTerminal = context.asker !== undefined || (terminal.input.isTTY && terminal.output.isTTY)
  const wants = args.saveAuthority !== undefined || args.savePin !== undefined
  if (!isTerminal && wants && args.yes !== true) {
    throw new ProblemsError([
      {
        where: { option: '--yes' },
        message: 'is missing, and there is no terminal to ask on',
        remedy: '--yes says that its sha-256 was compared and may be saved',
      },
    ])
  }
  try {
    if (args.yes === true || !isTerminal) {
      await save(chain, args, stdout.write.bind(stdout))
      if (!wants) stdout.write(`To trust this very certificate:\n${pinLines(chain)}`)
      return
    }
    const asker = context.asker ?? (await terminalAsker(terminal, stop))
    const chosen = wants ? await agreed(asker, args) : await chosenBy(asker, chain, stop)
    await save(chain, chosen, stdout.write.bind(stdout))
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    stderr.write('Nothing was saved.\n')
    process.exitCode = ExitCode.failed
  }
}

function problem(
  argument: string,
  message: string,
  remedy?: string,
  code: ExitCode = ExitCode.mistake,
): ProblemsError {
  const found: Problem = { where: { argument }, message, ...(remedy !== undefined && { remedy }) }
  return new ProblemsError([found], code)
}

async function shown(
  receiver: string,
  target: HostPort,
  { serverName }: TrustArguments,
  signal: AbortSignal,
): Promise<ShownChain> {
  try {
    return await chainShownBy(target, { signal, serverName })
  } catch (error) {
    throw problem(
      receiver,
      error instanceof Error ? error.message : String(error),
      undefined,
      ExitCode.failed,
    )
  }
}

function verdictOn({ isTrusted, objection }: ShownChain): string {
  if (isTrusted) return 'This machine trusts it already: neither tls.ca nor tls.fingerprint is needed.'
  return `Not trusted here. ${objectionText(objection ?? '')}. Compare its sha-256 with what the receiver's administrator reads off there.`
}

async function agreed(asker: Asker, args: TrustArguments): Promise<TrustArguments> {
  if (await asker.agree('Was its sha-256 compared, and may it be saved?', false)) return args
  throw new Cancelled()
}

async function chosenBy(asker: Asker, chain: ShownChain, signal: AbortSignal): Promise<TrustArguments> {
  const how = await asker.choose(
    'Save it?',
    [
      { value: 'no', label: 'No' },
      ...(authorityIn(chain) === undefined
        ? []
        : [{ value: 'authority' as const, label: 'Its authority, as a PEM file', hint: 'tls.ca' }]),
      { value: 'pin', label: 'Its fingerprint', hint: 'tls.fingerprint; a renewed certificate has another' },
    ],
    'no',
  )
  if (how === 'no') throw new Cancelled()
  const interview = { asker, signal, cwd: process.cwd() }
  return how === 'pin'
    ? { savePin: await askNewFile(interview, 'File to save it to', 'receiver.pin') }
    : { saveAuthority: await askNewFile(interview, 'File to save it to', 'receiver-ca.pem') }
}

async function save(
  chain: ShownChain,
  args: TrustArguments,
  write: (text: string) => unknown,
): Promise<void> {
  const { saveAuthority, savePin } = args
  if (saveAuthority !== undefined) {
    const authority = authorityIn(chain)
    if (authority === undefined) {
      throw problem(
        '--save-authority',
        'can not be done: the receiver does not show the authority at the top of its chain',
        'get its certificate from whoever runs that authority, or use --save-pin',
      )
    }
    const file = path.resolve(saveAuthority)
    await writeNew(file, pemOf(authority), { mode: 0o644 })
    write(`Saved. In the configuration of the destination:\n  tls: { ca: '${file.replaceAll("'", "''")}' }\n`)
  }
  if (savePin !== undefined) {
    const file = path.resolve(savePin)
    await writeNew(file, `${pinOf(chain)}\n`, { mode: 0o644 })
    write(
      `Saved. In the configuration of the destination, either of:\n  tls: { fingerprint: '\${file:${file.replaceAll("'", "''")}}' }\n`,
    )
    write(pinLines(chain))
  }
}

function pinOf({ certificates: [own] }: ShownChain): string {
  return `sha-256:${own.fingerprint256}`
}

function pinLines(chain: ShownChain): string {
  return `  tls: { fingerprint: '${pinOf(chain)}' }\n`
}

function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
