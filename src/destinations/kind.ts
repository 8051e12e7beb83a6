/**
 * What a kind of destination says about itself. Each has a folder, and a line in `kinds.ts`; nothing else in the
 * program asks which protocol it is.
 */
import type * as z from 'zod'
import type { Format } from '../flow/batch.ts'
import type { Destination } from '../flow/delivery.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import type { Examined } from '../mistakes/examined.ts'
import type { Mistaken } from '../mistakes/words.ts'
import type { Group, Path } from '../mistakes/written.ts'
import type { HostPort } from '../network/host-port.ts'

/** Settings that destinations of all kinds have. */
export interface CommonOptions {
  /** In the log and of the saved positions. */
  readonly name: string
  /** The whole address, as it was written. */
  readonly to: string
  readonly maxEventsPerSecond?: number | undefined
}

/** A destination, and whether it could be delivered to. */
export interface Receiver extends Destination {
  /** Null, or why not; only kinds that have a part in failover can tell. */
  probe?(signal: AbortSignal): Promise<string | null>
}

/** Reports a mistake in the setting at a path. */
export type Report = (path: Path, message: string, remedy?: string) => void

/** Settings that would do nothing: why, and what to do. */
export type Unused = Readonly<Record<string, { readonly message: string; readonly remedy: string }>>

/** How events become frames there. */
export interface Frames<Options extends CommonOptions = CommonOptions> {
  /** Which rows of a preset are for it, beside those for all. */
  readonly over?: 'udp' | 'stream'
  /** Set where frames are told apart in one way only; elsewhere `framing` says it. */
  readonly framing?: 'datagram' | 'lf'
  /** Set where no syslog header belongs in front of events; elsewhere `syslog` says it. */
  readonly header?: 'none'
  /** The same for people. */
  readonly says?: string
  /** Set where it has to know where each event comes from: batches have `origins` then. */
  readonly origins?: true
  /** Limit of a message unless `maxMessageBytes` says otherwise. */
  readonly maxMessageBytes: number
  /** As what events are written there, where that is not CEF. */
  formatOf?(options: Options): Format
  /** The most that it may say, and why it may not be more. */
  readonly most?: { readonly bytes: number; readonly because: string }
}

/**
 * One kind of destination. `Address`: what its addresses are taken apart into, `Options`: its settings with all
 * defaults filled in.
 */
export interface Kind<Address extends object = object, Options extends CommonOptions = CommonOptions> {
  /** What stands before `://`. */
  readonly protocol: string
  /** Its name among people. */
  readonly title: string
  /** How its addresses are written, and one as an example. */
  readonly form: string
  readonly example: string
  /** Taken where an address names none. */
  readonly defaultPort?: number
  readonly frames: Frames<Options>
  /** The settings that it has beside those of all kinds, by their schemas. Kinds may share some. */
  readonly settings: z.ZodRawShape
  /** Which of them are secret, and which name files that are, by their paths; `references` may not stand in the file itself. */
  readonly secrets?: {
    readonly texts: readonly Path[]
    readonly references?: readonly Path[]
    readonly files: readonly Path[]
  }
  /** It keeps to `maxEventsPerSecond` by itself. */
  readonly hasOwnPace: boolean
  /** Why it can't stand in for another one, or be stood in for. */
  readonly withoutFailover?: string
  /** The address behind `protocol://`, or what is wrong with it. */
  readAddress(rest: string): Address | Mistaken
  /** The same text for all ways to write the same address. */
  formatAddress(address: Address): string
  /** Settings that contradict each other; any of them may be wrong in itself. */
  check?(settings: Group, report: Report): void
  /** Settings that do nothing, alone or beside the others that were written, be they its own or not. */
  unused?(written: Group): Unused
  /** What the schema does not fill in: defaults that depend on other settings, absolute paths. */
  complete?(settings: object, absolute: (path: string) => string): object
  /** Labels and texts on where and to whom it sends, for `msgtrk check`. */
  describe?(options: Options): readonly (readonly [label: string, text: string])[]
  /** When a batch counts as delivered, for `msgtrk check`. */
  describeDelivered(options: Options): string
  /** What to do when events are sent again and again and none of them is ever confirmed. */
  unconfirmedRemedy?(options: Options): string
  /** How old events may be and keep their own time there, and what is to be said of older ones; undefined for any age. */
  keepsTime?(
    options: Options,
  ): { readonly ms: number; readonly message: string; readonly remedy: string } | undefined
  /** What it writes into, for people, which no other destination may have. */
  placeOf?(address: Address): string
  /** By what it keeps positions itself, which no other destination may have; undefined when it does not. */
  ownIdOf?(options: Options): string | undefined
  /** The settings for a connection of its own for reports on the program itself, where they may not be the same. */
  forReports?(options: Options): Options
  /** The host that its addresses name, for kinds whose addresses name one. */
  hostOf?(address: Address): HostPort
  /**
   * Tries whether events could be delivered now, as far as that goes without sending anything, for `msgtrk check --live`.
   * What it makes of its files was checked before. Never rejects, ends when `signal` aborts, and takes a minute at most.
   * `listenMs`: how long to listen to a receiver that is sent nothing, for kinds that do.
   */
  examine(
    options: Options,
    address: Address,
    signal: AbortSignal,
    listenMs?: number,
  ): Promise<readonly Examined[]>
  /** `events` hears how it fares. Throws a `ProblemsError` when its files can't be used. */
  create(options: Options, address: Address, log: Log, events?: Listener): Receiver
}
