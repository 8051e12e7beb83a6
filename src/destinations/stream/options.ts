/** The settings of destinations over a stream of bytes. */
import * as z from 'zod'
import type { Group } from '../../mistakes/written.ts'
import { type Formatted, formatShape, unusedIn } from '../format.ts'
import type { CommonOptions, Report, Unused } from '../kind.ts'
import { milliseconds } from '../milliseconds.ts'
import { preferredIpShape } from '../preferred-ip.ts'

/** When what was sent counts as delivered, and how long things may take. */
export const streamShape = {
  ...preferredIpShape,
  ...formatShape,
  relay: z
    .boolean()
    .optional()
    .describe(
      'A proxy or load balancer stands between msgtrk and the receiver. It closes connections for itself, whatever ' +
        'becomes of what it took, so nothing that a connection does shows what the receiver read: `confirm` is ' +
        '`time` then and `confirmAfterMs` 60000 unless set.',
    ),
  confirm: z
    .enum(['close', 'time', 'write'])
    .optional()
    .describe(
      'When a batch counts as delivered on TCP and TLS. `close`, the default: connections take turns, and what one ' +
        'carried counts when the peer of the connection, having read it all, closed it after us. `time`: the connection ' +
        'stayed healthy for `confirmAfterMs` after the batch was written; for receivers that never close. ' +
        '`write`: at once; what a dying connection still held is lost.',
    ),
  turnAfterMs: milliseconds(100, 600_000)
    .default(5000)
    .describe('How long a connection carries batches with `confirm: close` until the next one takes over.'),
  turnAfterBytes: z
    .int()
    .min(65_536, 'must be 65536 or more (bytes)')
    .max(1_073_741_824, 'must be 1073741824 or less (bytes)')
    .default(8 * 1024 * 1024)
    .describe(
      'How many bytes a connection carries with `confirm: close` until the next one takes over; up to eight times ' +
        'as many where turning takes long for its speed.',
    ),
  closeTimeoutMs: milliseconds(100, 3_600_000)
    .default(30_000)
    .describe(
      'How long a receiver may take to close a connection with `confirm: close`. One that has never closed ' +
        'any and leaves an empty one open this long, too, is treated as with `confirm: time`; one that has ' +
        'is waited for until `stallTimeoutMs`.',
    ),
  confirmAfterMs: milliseconds(100, 600_000)
    .optional()
    .describe(
      'How long the connection has to stay healthy with `confirm: time`; 5000 by default, with `relay` 60000.',
    ),
  connectTimeoutMs: milliseconds(100, 600_000)
    .default(10_000)
    .describe('How long connecting may take, the TLS handshake included.'),
  stallTimeoutMs: milliseconds(100, 3_600_000)
    .default(60_000)
    .describe('A receiver that takes nothing for this long counts as lost.'),
}

/** When a batch counts as delivered. */
export interface Confirmation {
  readonly confirm: 'close' | 'time' | 'write'
  readonly confirmAfterMs: number
}

/** What is set, or what suits the way to the receiver. */
export function confirmationOf(settings: {
  readonly relay?: boolean | undefined
  readonly confirm?: Confirmation['confirm'] | undefined
  readonly confirmAfterMs?: number | undefined
}): Confirmation {
  const { relay, confirm = relay ? 'time' : 'close', confirmAfterMs = relay ? 60_000 : 5000 } = settings
  return { confirm, confirmAfterMs }
}

/** The settings of a destination over TCP, with all defaults filled in. */
export type StreamOptions = CommonOptions &
  Formatted &
  Omit<z.output<z.ZodObject<typeof streamShape>>, keyof Confirmation | keyof Formatted> &
  Confirmation

/** A relay ends plain connections for itself, so that their end proves nothing. */
export function checkRelay({ relay, confirm }: Group, report: Report): void {
  if (relay !== true || confirm !== 'close') return
  report(['confirm'], 'close proves nothing on tcp:// through a relay, which closes for itself', 'set time')
}

/** Which ways to confirm some of the settings are for, for people as well; the others are for all. */
const onlyWith: Readonly<Record<string, { readonly ways: readonly unknown[]; readonly says: string }>> = {
  turnAfterMs: { ways: ['close'], says: 'close' },
  turnAfterBytes: { ways: ['close'], says: 'close' },
  closeTimeoutMs: { ways: ['close'], says: 'close' },
  confirmAfterMs: { ways: ['close', 'time'], says: 'time, and for close with receivers that never close' },
}

/** The settings that do nothing beside the others that were written. */
export function unusedOnStreams(written: Group): Unused {
  return { ...unusedIn(written), ...unusedBesideConfirm(written) }
}

function unusedBesideConfirm(written: Group): Unused {
  const { confirm = written.relay === true ? 'time' : 'close' } = written
  // Any other value is a mistake of its own.
  if (!streamShape.confirm.safeParse(confirm).success) return {}
  const because =
    written.confirm === undefined ? 'relay: true, which makes confirm time' : `confirm: ${confirm}`
  return Object.fromEntries(
    Object.entries(onlyWith)
      .filter(([, { ways }]) => !ways.includes(confirm))
      .map(([setting, { says }]) => [
        setting,
        { message: `has no effect with ${because}`, remedy: `remove it; it is for confirm: ${says}` },
      ]),
  )
}
