/** One pipeline at work, which can be stopped alone. */
import type { DestinationConfig } from '../config/schema.ts'
import type { Gate } from '../deliver/gate.ts'
import { runPipeline, startsAgain } from '../deliver/pipeline.ts'
import type { PipelineStatistics } from '../deliver/statistics.ts'
import { kindOf } from '../destinations/kinds.ts'
import type { Positions } from '../flow/chunk.ts'
import type { Destination } from '../flow/delivery.ts'
import type { Events } from '../flow/events.ts'
import type { Batches } from '../flow/in-parts.ts'
import type { Log } from '../flow/log.ts'
import type { PipelineSource } from '../sources/open.ts'
import type { Mails, MailsView } from './mails.ts'
import type { PipelineState } from './pipeline-state.ts'
import type { PreparedPipeline } from './prepare.ts'

/** What others may know of a pipeline at work; whoever wants to hear what happens adds a listener to `events`. */
export interface PipelineView {
  readonly name: string
  readonly settings: DestinationConfig
  /** Its counts begin with it, and go on while it is at work. */
  readonly statistics: PipelineStatistics
  readonly events: Events
  readonly source: PipelineSource
  readonly destination: Destination
  /** Closed while it is paused. */
  readonly gate: Gate
  /** When it began, in milliseconds since 1970. */
  readonly startedMs: number
  /** What is settled, by file; not to be kept: it goes on changing. Of mails, what is read: they wait by intent. */
  readonly positions: Positions
  /** Null where rows are delivered. */
  readonly mails: MailsView | null
}

/** `settled`: all that was read is settled and saved; `unfinished`: the rest follows after the next start. */
export type PipelineEnd = 'settled' | 'unfinished'

/** What a pipeline is put together from. */
export interface RunningPipelineOptions {
  readonly prepared: PreparedPipeline
  readonly state: PipelineState
  readonly source: PipelineSource
  readonly batches: Batches
  /** Between `source` and pipeline, where mails are delivered. */
  readonly mails: Mails | null
  readonly gate: Gate
  /** It connects before there is anything to deliver. */
  readonly greets: boolean
  readonly log: Log
  /** Stops it together with the others. */
  readonly stop: AbortSignal
  /** Called when nothing of it goes on. */
  readonly ended: () => void
}

/** A pipeline with its source, its state and a stop of its own. */
export class RunningPipeline implements PipelineView {
  readonly name: string
  readonly settings: DestinationConfig
  readonly statistics: PipelineStatistics
  readonly events: Events
  readonly source: PipelineSource
  readonly destination: Destination
  readonly gate: Gate
  readonly startedMs = Date.now()
  readonly #options: RunningPipelineOptions
  readonly #stopping = new AbortController()
  #ended: Promise<PipelineEnd> | undefined
  #progress: { readonly committed: Positions } = { committed: new Map() }

  constructor(options: RunningPipelineOptions) {
    const { prepared, source } = options
    this.#options = options
    this.name = prepared.name
    this.settings = prepared.settings
    this.statistics = prepared.statistics
    this.events = prepared.events
    this.destination = prepared.destination
    this.source = source
    this.gate = options.gate
  }

  get positions(): Positions {
    return this.#options.mails?.source.reached ?? this.#progress.committed
  }

  get mails(): MailsView | null {
    return this.#options.mails
  }

  /** Delivers until its source ends or it is stopped; rejects as `runPipeline` does. The first call begins. */
  run(): Promise<PipelineEnd> {
    this.#ended ??= this.#run()
    return this.#ended
  }

  /** Ends reading; resolves when what is in flight is settled and saved, within ten seconds. `goesOn`: it starts again. */
  stop({ goesOn }: { readonly goesOn: boolean }): Promise<PipelineEnd> {
    this.#stopping.abort(goesOn ? startsAgain : undefined)
    return this.run()
  }

  /** What it was made of. */
  get prepared(): PreparedPipeline {
    return this.#options.prepared
  }

  /** Positions that could not be saved; null when all are. */
  unsaved(): Positions | null {
    return this.#options.state.unsaved()
  }

  async #run(): Promise<PipelineEnd> {
    const { state, batches, mails, log, stop, greets, ended } = this.#options
    const { name, settings, source, destination, statistics, events, gate } = this
    const stopWithOthers = (): void => this.#stopping.abort(stop.reason)
    stop.addEventListener('abort', stopWithOthers)
    if (stop.aborted) stopWithOthers()
    try {
      return await runPipeline({
        ...state,
        checkpoint: mails?.source ?? source.keeping(state.checkpoint),
        name,
        source: mails?.source ?? source,
        batches: mails?.source.batches(batches) ?? source.placing(batches),
        destination,
        log,
        stop: this.#stopping.signal,
        statistics,
        gone: () => (mails === null ? source.gone() : []),
        lastLook: (settled) => source.lastLook(mails?.source.unsettled ?? settled),
        events,
        greets,
        // Where nobody follows, nobody can let it go on.
        endsWhenHeld: !greets,
        gate,
        unconfirmedRemedy: kindOf(settings.to).unconfirmedRemedy?.(settings),
        onProgress: (progress) => {
          this.#progress = progress
        },
      })
    } finally {
      stop.removeEventListener('abort', stopWithOthers)
      state.end()
      ended()
    }
  }
}
