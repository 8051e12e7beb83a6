/** `msgtrk receive`: a receiver for trying out. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { WriteStream } from 'node:tty'
import { Command, Option } from 'commander'
import { counted } from '../../mistakes/counted.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { BatchedOutput } from '../../receive/batched-output.ts'
import { decodeFrame } from '../../receive/frame-decoder.ts'
import { parseListen } from '../../receive/listen-address.ts'
import { json, pretty } from '../../receive/present.ts'
import { type PeerProblem, type Receiver, type ReceiverTls, startReceiver } from '../../receive/receiver.ts'
import { makeSelfSigned } from '../../receive/self-signed.ts'
import type { Violation } from '../../receive/violation.ts'
import type { CommandContext } from '../command-context.ts'
import { wholeNumber } from '../options/numbers.ts'
import { ListOption } from '../options/repeated-options.ts'
import { warnOfExposed } from '../terminal/exposed-secret.ts'

/** What the command runs in: `stop` ends it gracefully; the streams are the process's own unless given. */
interface ReceiveContext extends Pick<CommandContext, 'stop'> {
  readonly stdout?: Writable
  readonly stderr?: Writable
}

interface ReceiveOptions {
  readonly listen?: readonly string[]
  readonly format?: 'pretty' | 'raw' | 'json'
  readonly cert?: string
  readonly key?: string
  readonly clientCa?: string
  readonly count?: number
  readonly quiet?: boolean
  readonly decode: boolean
}

const defaultListen = 'tcp://127.0.0.1:5514'
/** Mistakes shown of one frame: the first ones tell, the rest often follow from them. */
const shownErrors = 3
/** Bytes that may wait for standard error. */
const mostUnread = 1024 * 1024

const examples = `
Each connection may frame its events with line feeds or with octet counts; the first byte decides.
Every event is decoded strictly. What is wrong is said on standard error, with the byte it concerns.
At most 4000 connections are open at a time, and 64 MiB of frames that have begun and not ended.

Examples:
  msgtrk receive                                           decode what comes to ${defaultListen}
  msgtrk receive --listen udp://0.0.0.0:5514 --listen tcp://0.0.0.0:5514
  msgtrk receive --listen tls://127.0.0.1:6514             TLS with a certificate made on the spot
  msgtrk receive --listen tls://0.0.0.0:6514 --cert s.pem --key s.key --client-ca ca.pem
  msgtrk receive --format raw > events.cef                 the frames as they came, one a line
  msgtrk receive --format json --count 10                  ten events as JSON, then stop

Exit code: 0 when all was correct, 1 after an error in a frame or when stopped before --count, 2 for a mistake
in the command line.`

/** The command; sets the exit code of the process when it is done, throws a ProblemsError for mistakes. */
export function receiveCommand(context: ReceiveContext): Command {
  return new Command('receive')
    .description('Receive events for trying out: decode CEF strictly, print the events, count the errors.')
    .addOption(
      new ListOption(
        '--listen <url>',
        `where to listen: tcp://, tls:// or udp://HOST:PORT; may be repeated (default: ${defaultListen})`,
        (url) => [url],
      ),
    )
    .addOption(
      new Option(
        '--format <form>',
        'how to print events (default: pretty on a terminal, raw otherwise)',
      ).choices(['pretty', 'raw', 'json']),
    )
    .option('--cert <file>', 'certificate for tls://, PEM (without it one is made on the spot)')
    .option('--key <file>', 'private key of the certificate, PEM')
    .option('--client-ca <file>', 'require client certificates signed by this CA, PEM')
    .option('--count <n>', 'stop after N correct events', wholeNumber())
    .option('--quiet', 'print no events, only errors and the summary')
    .option('--no-decode', 'only count and print frames, unchecked: for measuring; needs --format raw')
    .addHelpText('after', examples)
    .action(async (options: ReceiveOptions) => {
      process.exitCode = await receive(options, context)
    })
}

async function receive(options: ReceiveOptions, context: ReceiveContext): Promise<ExitCode> {
  const { stop, stdout = process.stdout, stderr = process.stderr } = context
  const terminal = stdout instanceof WriteStream
  const format = options.format ?? (terminal ? 'pretty' : 'raw')
  const listen = options.listen ?? [defaultListen]
  checkOptions(options, format, listen)

  const started = performance.now()
  const finished = new AbortController()
  const receivers: Receiver[] = []
  let events = 0
  let errors = 0
  let broken: Error | undefined

  const say = (line: string) => stderr.write(`${line}\n`)
  let unsaid = 0
  /** Of a peer, who may give more cause than anyone can read: what standard error does not take is counted. */
  const complain = (line: string) => {
    if (stderr.writableLength > mostUnread) unsaid++
    else say(line)
  }
  const output = new BatchedOutput(stdout, {
    onFull: () => receivers.forEach((receiver) => void receiver.pause()),
    onRoom: () => receivers.forEach((receiver) => void receiver.resume()),
    onBroken(error) {
      if (error.code !== 'EPIPE') broken = error
      finished.abort()
    },
  })
  const printRaw = (frame: Buffer) => {
    if (options.quiet) return
    if (terminal) output.write(Buffer.from(`${visible(frame.toString())}\n`))
    else {
      output.write(frame)
      output.write(lineFeed)
    }
  }
  const colour = terminal && stdout.hasColors()

  function onFrame(frame: Buffer, peer: string): void {
    if (finished.signal.aborted) return
    // Printed whether it can be decoded or not: raw is what came.
    if (format === 'raw') printRaw(frame)
    if (options.decode) {
      const decoded = decodeFrame(frame)
      if (!decoded.ok) {
        errors++
        complain(describeErrors(frame, peer, decoded.errors))
        return
      }
      if (!options.quiet && format !== 'raw') {
        const { syslog, event } = decoded
        output.write(Buffer.from(format === 'json' ? json(syslog, event) : pretty(syslog, event, colour)))
      }
    }
    if (++events === options.count) finished.abort()
  }
  function onProblem({ kind, peer, reason }: PeerProblem): void {
    if (kind === 'frame') errors++
    complain(`${kind === 'frame' ? 'error' : 'warning'}: ${peer}: ${visible(reason)}`)
  }

  const tls = listen.some(isTls) ? await tlsFor(options) : undefined
  try {
    for (const url of listen) {
      const receiver = await startReceiver({ listen: url, ...(tls && { tls: tls.pem }), onFrame, onProblem })
      receivers.push(receiver)
      say(`Listening on ${receiver.url}`)
    }
    if (tls?.notice) say(tls.notice)
    await aborted(AbortSignal.any([stop, finished.signal]))
  } finally {
    // Nothing that comes from here on would be printed whole.
    finished.abort()
    await Promise.all(receivers.map((receiver) => receiver.close()))
    await output.end()
    await tls?.remove()
  }
  const dropped = receivers.reduce((sum, receiver) => sum + receiver.dropped, 0)
  if (dropped > 0) say(`warning: ${dropped} datagrams came faster than standard output took them`)
  if (unsaid > 0) say(`warning: ${counted(unsaid, 'message')} came faster than standard error took them`)
  say(`events ${events}, errors ${errors}, seconds ${((performance.now() - started) / 1000).toFixed(1)}`)
  if (broken)
    throw new ProblemsError(
      [{ where: { file: 'standard output' }, message: broken.message }],
      ExitCode.failed,
    )
  const complete = options.count === undefined || events >= options.count
  return errors === 0 && complete ? ExitCode.ok : ExitCode.failed
}

const lineFeed = Buffer.from('\n')

function checkOptions(options: ReceiveOptions, format: string, listen: readonly string[]): void {
  const problems: Problem[] = []
  for (const url of listen) {
    try {
      parseListen(url)
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      problems.push(...error.problems)
    }
  }
  const { cert, key, clientCa } = options
  if ((cert === undefined) !== (key === undefined)) {
    problems.push({
      where: { option: '--cert', and: '--key' },
      message: 'One without the other.',
      remedy: 'Give both or none.',
    })
  }
  if ((cert ?? key ?? clientCa) !== undefined && !listen.some(isTls)) {
    const message = 'Certificates are of use only for tls://.'
    problems.push({ where: { option: '--listen' }, message, remedy: 'Add --listen tls://HOST:PORT.' })
  }
  if (!options.decode && format !== 'raw') {
    const message = `The ${format} format shows decoded events.`
    problems.push({ where: { option: '--no-decode' }, message, remedy: 'Use it with --format raw.' })
  }
  if (problems.length > 0) throw new ProblemsError(problems)
}

/** Certificate and key, read or made; `notice` says how to trust a made one, `remove` takes its file away. */
async function tlsFor({ cert, key, clientCa }: ReceiveOptions): Promise<{
  readonly pem: ReceiverTls
  readonly notice?: string
  remove(): Promise<void>
}> {
  const problems: Problem[] = []
  const own = { cert: await readPem('--cert', cert, problems), key: await readPem('--key', key, problems) }
  const authority = await readPem('--client-ca', clientCa, problems)
  if (problems.length > 0) throw new ProblemsError(problems)
  const ca = authority === undefined ? {} : { ca: authority }
  if (own.cert !== undefined && own.key !== undefined && key !== undefined) {
    warnOfExposed(key)
    return { pem: { cert: own.cert, key: own.key, ...ca }, remove: async () => {} }
  }
  const made = await makeSelfSigned()
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-receive-'))
  const file = join(folder, 'ca.pem')
  await writeFile(file, made.cert)
  return {
    pem: { cert: made.cert, key: made.key, ...ca },
    notice: `Certificate made on the spot for localhost, 127.0.0.1 and ::1. To trust it, set one of
  tls.fingerprint  ${made.fingerprint}
  tls.ca           ${file}  (removed at the end)`,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Undefined without a file, and when it can't be read, which is then among the problems. */
async function readPem(
  option: string,
  file: string | undefined,
  problems: Problem[],
): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const message = `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`
    problems.push({ where: { option }, message, remedy: 'Give the path of a PEM file.' })
    return undefined
  }
}

function isTls(url: string): boolean {
  return url.startsWith('tls://')
}

/** The first mistakes of a frame, each with the bytes around it. */
function describeErrors(frame: Buffer, peer: string, errors: readonly Violation[]): string {
  const lines = errors.slice(0, shownErrors).map(({ offset, reason }) => {
    const before = frame.subarray(Math.max(0, offset - 30), offset).toString()
    const after = frame.subarray(offset, offset + 40).toString()
    return `error: ${peer}: byte ${offset}: ${visible(reason)}\n  …${visible(before)}▸${visible(after)}…`
  })
  if (errors.length > shownErrors) lines.push(`  and ${errors.length - shownErrors} more in this frame`)
  return lines.join('\n')
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
}
