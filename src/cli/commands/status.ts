/** `msgtrk status`: how a running instance fares. */
import { Command } from 'commander'
import { pause } from '../../flow/pause.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'
import { statusParts } from '../../status/text.ts'
import type { CommandContext, TextOutput } from '../command-context.ts'
import { askStatus, type InstanceArguments, stateOf, withInstance } from '../options/instance-options.ts'
import { decimal, wholeNumber } from '../options/numbers.ts'
import { withEndKey } from '../terminal/end-key.ts'
import { textTable } from '../terminal/table.ts'

interface StatusArguments extends InstanceArguments {
  readonly json?: boolean
  readonly watch?: boolean
  readonly waitReady?: number
  readonly process?: number
}

const watchMs = 2_000
const readyPollMs = 200
const clearScreen = '\u001b[H\u001b[2J'

const details = `
The first line is the verdict: well; behind; or trouble, with the part, the reason and the remedy. It is asked over the
socket in the state folder, which only the account that msgtrk runs under may open. docs/status.md tells what each line
means and when what is reported.

--json prints one object; its schema is docs/status.schema.json.
--wait-ready waits until the instance answers and no destination is down, for units and scripts.

Examples:
  msgtrk status --config msgtrk.yaml
  msgtrk status --state ./state --watch
  msgtrk status --config msgtrk.yaml --wait-ready 30
  msgtrk status --config msgtrk.yaml --json

Exit code: 0 well, 5 something is wrong or late and delivery goes on, 6 to a destination, or from all sources, nothing
moves, 7 no instance is running on the state folder, 1 the instance can't be asked, 2 a mistake in the command.`

/** The command; throws a ProblemsError when no instance answers. */
export function statusCommand({ stop, stdout = process.stdout }: CommandContext): Command {
  return withInstance(new Command('status'))
    .description('Show how a running msgtrk fares: what is wrong, how far behind, and what to do.')
    .option('--json', 'for scripts')
    .option('--watch', 'show it again every two seconds, until stopped: on a terminal by q')
    .option(
      '--wait-ready <seconds>',
      'wait at most so long until it is ready',
      decimal('a number of seconds', () => true),
    )
    .option('--process <pid>', 'with --wait-ready: wait no longer than this process is there', wholeNumber())
    .addHelpText('after', details)
    .action(async ({ json = false, watch = false, waitReady, process: pid, ...args }: StatusArguments) => {
      const state = await stateOf(args)
      const status = await (waitReady === undefined
        ? askStatus(state)
        : ready(state, { withinMs: waitReady * 1000, pid, stop }))
      process.exitCode = exitCodeOf(status)
      if (!watch) return show(status, stdout, { json })
      const isScreen = stdout.columns !== undefined && !json
      await withEndKey(stop, isScreen ? process.stdin : null, (stop, hasKey) =>
        watchIt(status, { state, stop, show: (next) => show(next, stdout, { json, watch: { hasKey } }) }),
      )
    })
}

/** Shows it again every two seconds, until `stop` aborts. */
async function watchIt(
  first: InstanceStatus,
  {
    state,
    stop,
    show,
  }: { readonly state: string; readonly stop: AbortSignal; show(status: InstanceStatus): void },
): Promise<void> {
  for (let status = first; ; status = await askStatus(state)) {
    show(status)
    process.exitCode = exitCodeOf(status)
    await pause(watchMs, stop)
    if (stop.aborted) return
  }
}

/** What is waited for. */
interface Waiting {
  readonly withinMs: number
  /** The process that is to be ready; undefined where nobody says which. */
  readonly pid: number | undefined
  readonly stop: AbortSignal
}

/** Until nothing is down, the time is over or the process gone; then as it is, or the error of the last try. */
async function ready(state: string, { withinMs, pid, stop }: Waiting): Promise<InstanceStatus> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const isLast = performance.now() >= endMs || stop.aborted || (pid !== undefined && isGone(pid))
    try {
      const status = await askStatus(state)
      if (isLast || (status.health !== 'down' && isStarted(status))) return status
    } catch (error) {
      if (isLast || !(error instanceof ProblemsError)) throw error
    }
    await pause(Math.max(1, Math.min(readyPollMs, endMs - performance.now())), stop)
  }
}

/** Whether something is known of each destination, and each source was looked at. */
function isStarted({ destinations }: InstanceStatus): boolean {
  return destinations.every(({ receivers }) => receivers.some(({ state }) => state !== 'unknown'))
}

function show(
  status: InstanceStatus,
  out: TextOutput,
  { json, watch }: { readonly json: boolean; readonly watch?: { readonly hasKey: boolean } },
): void {
  if (json) {
    const lines = JSON.stringify(status, null, watch === undefined ? 2 : undefined).split('\n')
    out.write(`${lines.map(visible).join('\n')}\n`)
    return
  }
  const text = statusParts(status)
    .map((part) =>
      'lines' in part
        ? part.lines.map((line) => `${visible(line)}\n`).join('')
        : textTable(part.rows, { numbersFrom: part.numbersFrom, width: out.columns }),
    )
    .join('')
  const keys = watch?.hasKey ? '\nq ends it\n' : ''
  out.write(watch !== undefined && out.columns !== undefined ? `${clearScreen}${text}${keys}` : text)
}

/** What the process ends with. */
export function exitCodeOf({ health }: InstanceStatus): ExitCode {
  switch (health) {
    case 'well':
      return ExitCode.ok
    case 'degraded':
      return ExitCode.degraded
    case 'down':
      return ExitCode.down
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
