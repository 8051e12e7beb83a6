/** `msgtrk tap`: what a running instance sends, while it sends it. */
import { WriteStream } from 'node:tty'
import { Command, Option } from 'commander'
import type { Standing, TapLine } from '../../app/tap.ts'
import { askLines } from '../../control/client.ts'
import { counted } from '../../mistakes/counted.ts'
import { ExitCode } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { decodeFrame } from '../../receive/frame-decoder.ts'
import { json, pretty } from '../../receive/present.ts'
import type { CommandContext, TextOutput } from '../command-context.ts'
import { asker } from '../options/asker.ts'
import { eventsOption } from '../options/event-options.ts'
import { type InstanceArguments, stateOf, withInstance } from '../options/instance-options.ts'
import { wholeNumber } from '../options/numbers.ts'
import { ListOption } from '../options/repeated-options.ts'
import { Conditions, parseCondition } from '../tap/conditions.ts'

const formats = ['pretty', 'json', 'raw'] as const

interface TapArguments extends InstanceArguments {
  readonly destination?: string
  readonly events?: readonly string[]
  readonly filter?: readonly string[]
  readonly limit?: number
  readonly format?: (typeof formats)[number]
}

/** How often it is told at most that events are left out. */
const tellMs = 10_000

const details = `
Each event is shown as it is handed to the destination: after filters, mapping and privacy, and again at each try. So it is
no proof that it arrived; which destinations are unavailable or paused is told, at the beginning and when it changes. Delivery comes first: of more than 1,000 events or 1 MB a second, and while nobody reads, some are left out; how many
is told. Four may look on at a time, and the own log says who does.

--filter looks at what was sent: KEY is a key of the event (suser, cs1), the text of a label ("Message Id") or a field of the
header (name, severity, eventClassId); TEXT is written as in filters: exactly, with * and ?, @contoso.com for a domain, or a
/regular expression/, in any case. Of several for one key one has to hold, of several keys all, and of KEY!=TEXT every one.

Examples:
  msgtrk tap --config msgtrk.yaml
  msgtrk tap --destination siem --events FAIL,DSN --limit 20 --state ./state
  msgtrk tap --filter suser=@contoso.com --filter 'msg!=/^re:/' --format json --state ./state | jq .cef

Exit code: 0 when stopped or at the limit, 1 when the instance ended before the limit or can't be asked, 2 a mistake in the
command, 7 no instance is running on the state folder.`

/** The command; throws a ProblemsError when no instance answers. */
export function tapCommand({
  stop,
  stdout = process.stdout,
  stderr = process.stderr,
}: CommandContext): Command {
  return withInstance(new Command('tap'))
    .description('Show events of a running msgtrk while they go out.')
    .option('--destination <name>', 'only what goes there')
    .addOption(eventsOption())
    .addOption(
      new ListOption('--filter <KEY=TEXT>', 'only events whose values are so; may be given again', (text) => {
        parseCondition(text)
        return [text]
      }),
    )
    .option('--limit <n>', 'end after so many', wholeNumber())
    .addOption(
      new Option(
        '--format <format>',
        'pretty, json (one object a line) or raw (CEF); pretty on a terminal, else raw',
      ).choices(formats),
    )
    .addHelpText('after', details)
    .action(async (args: TapArguments) => {
      const { destination, limit } = args
      const state = await stateOf(args)
      const query = new URLSearchParams({
        by: asker('tap'),
        ...(destination !== undefined && { destination }),
      })
      const show = new Show(args, stdout, stderr)
      const ended = new AbortController()
      const signal = AbortSignal.any([stop, ended.signal])
      const path = `/tap?${query}` as const
      for await (const line of askLines({ state, method: 'GET', path, signal })) {
        show.take(line as TapLine)
        if (limit !== undefined && show.shown >= limit) ended.abort()
        if (signal.aborted) break
      }
      show.end()
      const isShort = limit !== undefined && show.shown < limit && !stop.aborted
      process.exitCode = isShort ? ExitCode.failed : ExitCode.ok
    })
}

/** Writes what comes; what stands in an event is shown on a terminal and never obeyed. */
class Show {
  readonly #format: (typeof formats)[number]
  readonly #isTerminal: boolean
  readonly #colour: boolean
  readonly #conditions: Conditions
  readonly #takesAll: boolean
  readonly #stdout: TextOutput
  readonly #stderr: TextOutput
  #shown = 0
  #lookedAt = 0
  #leftOut = 0
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor({ format, events = [], filter = [] }: TapArguments, stdout: TextOutput, stderr: TextOutput) {
    this.#stdout = stdout
    this.#stderr = stderr
    this.#isTerminal = stdout.columns !== undefined
    this.#format = format ?? (this.#isTerminal ? 'pretty' : 'raw')
    this.#colour = stdout instanceof WriteStream && stdout.hasColors()
    this.#takesAll = events.length + filter.length === 0
    const byId = events.map((text) => ({ key: 'eventClassId', negates: false, text }))
    this.#conditions = new Conditions([...byId, ...filter.map(parseCondition)])
  }

  get shown(): number {
    return this.#shown
  }

  take(line: TapLine): void {
    if ('isRow' in line) this.#row(line)
    else if ('frame' in line) this.#event(line.destination, Buffer.from(line.frame))
    else if ('leftOut' in line) this.#missed(line.leftOut)
    else if ('ended' in line) this.#say(line.ended)
    else this.#say(sentenceOf(line))
  }

  end(): void {
    this.#say(
      `${counted(this.#shown, 'event')} shown of ${this.#lookedAt.toLocaleString('en')}, ${this.#leftOut.toLocaleString('en')} left out`,
    )
  }

  /** It has no keys: who asks for some of them gets no rows. */
  #row({ destination, frame }: { readonly destination: string; readonly frame: string }): void {
    this.#lookedAt++
    if (!this.#takesAll) return
    this.#shown++
    const row = frame.trimEnd()
    const shown = this.#format === 'json' ? JSON.stringify({ destination, row }) : row
    this.#stdout.write(`${this.#isTerminal || this.#format === 'json' ? visible(shown) : shown}\n`)
  }

  #event(destination: string, frame: Buffer): void {
    this.#lookedAt++
    const decoded = decodeFrame(frame)
    if (!decoded.ok) {
      const [first] = decoded.errors
      this.#say(`an event for ${destination} is no correct CEF: ${first?.reason} ${frame.toString()}`)
      return
    }
    const { syslog, event } = decoded
    const isShown = this.#conditions.hold(event)
    for (const doubt of this.#conditions.doubts()) this.#say(doubt)
    if (!isShown) return
    this.#shown++
    if (this.#format === 'pretty') {
      const [head, ...values] = pretty(syslog, event, this.#colour).split('\n')
      this.#stdout.write([`${head}  to ${visible(destination)}`, ...values].join('\n'))
    } else if (this.#format === 'json') {
      const name = visible(JSON.stringify(destination))
      this.#stdout.write(`{"destination":${name},${json(syslog, event).slice(1)}`)
    } else {
      const text = syslog.message.toString()
      this.#stdout.write(`${this.#isTerminal ? visible(text) : text}\n`)
    }
  }

  #missed(count: number): void {
    this.#leftOut += count
    const nowMs = performance.now()
    if (nowMs - this.#toldAtMs < tellMs) return
    this.#toldAtMs = nowMs
    this.#say(`${counted(this.#leftOut, 'event')} left out so far: more go out than can be shown`)
  }

  #say(text: string): void {
    this.#stderr.write(`${visible(text)}\n`)
  }
}

function sentenceOf(standing: Standing): string {
  const { destination } = standing
  if ('isPaused' in standing) {
    return `${destination} ${standing.isPaused ? 'is paused: nothing goes there' : 'goes on'}`
  }
  if ('isAnew' in standing)
    return `${destination} begins anew: whether it is available now shows when something goes out`
  const { unavailable } = standing
  return unavailable === null
    ? `${destination} is available again`
    : `${destination} is unavailable (${unavailable}): what is shown for it is tried, and does not arrive`
}
