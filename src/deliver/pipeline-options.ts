/** What a pipeline is put together from. */
import type { Positions, Source } from '../flow/chunk.ts'
import type { Checkpoint, DeadLetters, Destination } from '../flow/delivery.ts'
import type { Listener } from '../flow/events.ts'
import type { Batches } from '../flow/in-parts.ts'
import type { Log } from '../flow/log.ts'
import type { Gate } from './gate.ts'
import type { Progress } from './progress.ts'
import type { PipelineStatistics } from './statistics.ts'

/** One destination with its own reader, positions and pace. */
export interface PipelineOptions {
  /** Stands in every line of the log. */
  readonly name: string
  readonly source: Source
  readonly batches: Batches
  readonly destination: Destination
  readonly checkpoint: Checkpoint
  readonly deadLetters: DeadLetters
  readonly log: Log
  /** Ends reading; what is in flight may still settle. */
  readonly stop: AbortSignal
  /** How long after `stop` outcomes are waited for before the destination is closed on them. */
  readonly settleMs?: number
  readonly statistics?: PipelineStatistics
  /** Ids of files that are no more, whose positions may be dropped. */
  readonly gone?: () => readonly string[]
  /**
   * Called when nothing more is read: what is known to be lost behind the settled positions leaves the
   * statistics. Resolves with how many files are missing of which that is not sure.
   */
  readonly lastLook?: (settled: Positions) => Promise<number>
  /** Hears of the destination, of malformed lines and of the saving of positions. */
  readonly events?: Listener
  /** Connects to the destination at once, and not with the first batch. */
  readonly greets?: boolean
  /** What to do when events are sent again and again and none is confirmed. */
  readonly unconfirmedRemedy?: string | undefined
  /** While it is closed nothing more is read; what is in flight settles. */
  readonly gate?: Gate
  /** Ends where only a person could let it go on, since nobody will. */
  readonly endsWhenHeld?: boolean
  /** Is given what shows how far all is settled, once that is known. */
  readonly onProgress?: (progress: Pick<Progress, 'committed'>) => void
}
