/** All who look on while events go out. As long as nobody does, nothing listens to these. */
import type { DestinationConfig } from '../config/schema.ts'
import type { Gate } from '../deliver/gate.ts'
import { kindOf } from '../destinations/kinds.ts'
import type { Events, Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import { Tap } from './tap.ts'
import { unknownDestination } from './unknown-destination.ts'

/** Each costs delivery something. */
const mostTaps = 4

/** A pipeline whose events can be looked at. */
interface Tapped {
  readonly name: string
  readonly settings: DestinationConfig
  readonly events: Events
  readonly gate: Pick<Gate, 'paused' | 'listen'>
}

/** What it is put together from. */
export interface TapsOptions {
  readonly pipelines: () => readonly Tapped[]
  /** The instance ends, and with it whoever looks on. */
  readonly stop: AbortSignal
  readonly log: Log
}

/** What somebody wants to see, and who. */
export interface TapRequest {
  /** All of them when it is undefined. */
  readonly destination?: string | undefined
  readonly by: string
  /** How many are copied at most; 1,000 when it is undefined. */
  readonly framesPerSecond?: number | undefined
}

/** Taps of the pipelines at work, and of those that come. */
export class Taps {
  readonly #options: TapsOptions
  readonly #open = new Map<
    Tap,
    { readonly destination: string | undefined; readonly leave: (() => void)[] }
  >()
  /** Why a destination is unavailable, for who comes later; by its name. */
  readonly #unavailable = new Map<string, string>()

  constructor(options: TapsOptions) {
    this.#options = options
    options.stop.addEventListener('abort', () => {
      for (const tap of this.#open.keys()) tap.end('msgtrk is being stopped')
    })
  }

  /**
   * Looks on until `signal` aborts; what is unavailable or paused then is told first. Throws a `ProblemsError` when there is no such destination, or too many look on.
   */
  open({ destination, by, framesPerSecond }: TapRequest, signal: AbortSignal): Tap {
    const pipelines = this.#options.pipelines()
    const names = pipelines.map(({ name }) => name)
    if (destination !== undefined && !names.includes(destination))
      throw unknownDestination(destination, names)
    if (this.#open.size >= mostTaps) {
      const message = `${mostTaps} look on already, which is the most that delivery puts up with`
      throw new ProblemsError([{ where: { argument: 'tap' }, message, remedy: 'end one of them' }])
    }
    const tap = new Tap(undefined, framesPerSecond)
    this.#open.set(tap, { destination, leave: [] })
    for (const pipeline of pipelines) this.#attach(tap, pipeline)
    signal.addEventListener('abort', () => this.#remove(tap), { once: true })
    this.#options.log.info('Somebody looks on while events go out', {
      by,
      destination: destination ?? 'all',
    })
    return tap
  }

  /** A pipeline begins: who looks on sees it, too. */
  begins(pipeline: Tapped): void {
    const { name, events } = pipeline
    const wasUnavailable = this.#unavailable.delete(name)
    events.add({
      unavailable: ({ reason }) => this.#unavailable.set(name, reason),
      available: () => this.#unavailable.delete(name),
    })
    for (const [tap, { destination }] of this.#open) {
      this.#attach(tap, pipeline)
      if (wasUnavailable && (destination ?? name) === name) tap.tell({ destination: name, isAnew: true })
    }
  }

  /** Another configuration is in force. */
  reloads({ destinations }: { readonly destinations: readonly { readonly name: string }[] }): void {
    for (const [tap, { destination }] of this.#open) {
      if (destination === undefined || destinations.some(({ name }) => name === destination)) continue
      tap.end(`${destination} is no destination any more`)
    }
  }

  #attach(tap: Tap, { name, settings, events, gate }: Tapped): void {
    const open = this.#open.get(tap)
    if (open === undefined || (open.destination !== undefined && open.destination !== name)) return
    const framing = kindOf(settings.to).frames.framing ?? settings.framing
    const listener: Listener = {
      sending: (batch) => tap.take(name, framing, batch),
      unavailable: ({ reason }) => tap.tell({ destination: name, unavailable: reason }),
      available: () => tap.tell({ destination: name, unavailable: null }),
    }
    events.add(listener)
    const reason = this.#unavailable.get(name)
    if (reason !== undefined) tap.tell({ destination: name, unavailable: reason })
    if (gate.paused !== null) tap.tell({ destination: name, isPaused: true })
    open.leave.push(
      () => events.remove(listener),
      gate.listen(() => tap.tell({ destination: name, isPaused: gate.paused !== null })),
    )
  }

  #remove(tap: Tap): void {
    for (const leave of this.#open.get(tap)?.leave ?? []) leave()
    this.#open.delete(tap)
  }
}
