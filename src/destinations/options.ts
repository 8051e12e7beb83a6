/** The settings of a destination. */
import * as z from 'zod'
import { pathSetting } from '../mistakes/path-setting.ts'
import { formatTarget, readTarget, type Target } from './target.ts'

/** Largest payload of a UDP datagram over IPv4, in bytes. */
export const maxDatagramBytes = 65_507

const path = pathSetting('is empty; write the path of a PEM file')

const tlsShape = z.strictObject({
  ca: path.optional().describe('PEM file of the authorities to trust, instead of those the system trusts.'),
  cert: path.optional().describe('PEM file of the client certificate, followed by its intermediates.'),
  key: path.optional().describe('PEM file of the private key that belongs to `cert`.'),
  passphrase: z.string().optional().describe('Passphrase of `key`, if it is encrypted.'),
  serverName: z
    .string()
    .min(1, 'is empty; write the name that stands in the certificate')
    .optional()
    .describe(
      "Name the peer's certificate must be for, also that of a peer in `failover`; by default each for the " +
        'host of its own URL.',
    ),
  fingerprint: z
    .string()
    .refine(
      (text) => normaliseFingerprint(text) !== undefined,
      'is no SHA-256 fingerprint; write sha-256: and 32 pairs of hexadecimal digits, as printed by ' +
        '`openssl x509 -noout -fingerprint -sha256`',
    )
    .optional()
    .describe(
      "SHA-256 fingerprint of the peer's certificate (RFC 5425). It alone decides: the certificate " +
        'must be this one, whoever signed it and whatever name it carries.',
    ),
})

/** The name is that of a folder: on Windows these are devices, and `siem.` is the same as `siem`. */
function isReservedOnWindows(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name) || name.endsWith('.')
}

const milliseconds = (min: number, max: number) =>
  z.int().min(min, `must be ${min} or more (milliseconds)`).max(max, `must be ${max} or less (milliseconds)`)

const targetUrl = z.string().superRefine((to, context) => {
  const target = readTarget(to)
  if (typeof target === 'string') context.addIssue({ code: 'custom', message: target, input: to })
})

const failbackShape = z.strictObject({
  probes: z
    .int()
    .min(1, 'must be 1 or more')
    .max(1000, 'must be 1000 or less')
    .default(3)
    .describe(
      'How many times in a row it must have been reached: connected, and its identity proved. Twice as ' +
        'many, up to 16 times, after each return that soon failed.',
    ),
  everyMs: milliseconds(100, 3_600_000).default(30_000).describe('How long from one probe to the next.'),
})

/** When to fail back unless the settings say otherwise. */
export const defaultFailback = failbackShape.parse({})

/** Where events go and when they count as delivered: a part of a destination's configuration. */
export const destinationShape = {
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must be 1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or digit',
    )
    .refine(
      (name) => !isReservedOnWindows(name),
      'names no folder on Windows; choose one that is no device (con, nul, com1 …) and ends in no dot',
    )
    .refine((name) => !/^lock\.\d+$/i.test(name), 'is the name of a lock in the state folder; choose another')
    .optional()
    .describe('Name in the log and of its saved positions; made from `to` by default.'),
  to: targetUrl.describe(
    'udp://host:port, tcp://host:port or tls://host:port; ports 514, 514 and 6514 by default.',
  ),
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
  tls: tlsShape.optional().describe('Settings of tls:// destinations.'),
  failover: z
    .array(targetUrl)
    .min(1, 'is empty; name at least one receiver, or remove it')
    .optional()
    .describe(
      'Receivers that stand in for `to`, in this order, over TCP or TLS (UDP does not notice that a receiver ' +
        'is down). When one is unavailable the next one takes over from the last settled position. All other ' +
        'settings are for all of them.',
    ),
  failback: failbackShape
    .optional()
    .describe('When to return to `to`, or to an earlier one of `failover`, that can be reached again.'),
  maxEventsPerSecond: z
    .int()
    .min(1, 'must be 1 or more')
    .max(1_000_000, 'must be 1000000 or less')
    .optional()
    .describe(
      'Most events sent in a second, whichever receiver gets them. On UDP 1000 by default, evenly spread: what a ' +
        'receiver has no room for is lost there without a word. No limit by default on TCP and TLS.',
    ),
}

const destinationSchema = z.strictObject(destinationShape)

/** A destination's settings with all defaults filled in and its name given. */
export type DestinationOptions = Omit<z.output<typeof destinationSchema>, 'name' | keyof Confirmation> &
  Confirmation & { readonly name: string }

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
/** The settings under `tls`. */
export type TlsOptions = z.output<typeof tlsShape>

/**
 * Checks settings against each other; for `superRefine` of the schema that `destinationShape` was spread
 * into. It also looks at `maxMessageBytes`, which a datagram limits.
 */
export function checkDestination(
  value: {
    readonly to: string
    readonly tls?: TlsOptions | undefined
    readonly failover?: readonly string[] | undefined
    readonly failback?: unknown
    readonly relay?: boolean | undefined
    readonly confirm?: string | undefined
    readonly maxMessageBytes?: number | undefined
  },
  context: z.RefinementCtx,
): void {
  const report = (at: readonly PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path: [...at], message, input: value })
  const target = readTarget(value.to)
  if (typeof target === 'string') return // reported by `to` itself
  const { tls, failover = [] } = value
  const targets = [target, ...failover.map(readTarget)]
  checkFailover(targets, report)
  if (value.relay === true && target.protocol === 'udp') {
    report(['relay'], 'is for TCP and TLS, since nothing is confirmed on UDP; remove it')
  } else if (value.relay === true && value.confirm === 'close') {
    if (targets.some((each) => typeof each === 'object' && each.protocol === 'tcp')) {
      report(['confirm'], 'close proves nothing on tcp:// through a relay, which closes for itself; set time')
    }
  }
  if (value.failback !== undefined && failover.length === 0) {
    report(['failback'], 'needs another receiver to return from; set failover or remove it')
  }
  if (tls !== undefined && targets.every((each) => typeof each === 'object' && each.protocol !== 'tls')) {
    report(
      ['tls'],
      `belongs to tls:// destinations, and this is ${target.protocol}://; change \`to\` or remove it`,
    )
  }
  if (tls?.cert !== undefined && tls.key === undefined) {
    report(['tls', 'cert'], 'needs its private key; set tls.key')
  }
  if (tls?.key !== undefined && tls.cert === undefined) {
    report(['tls', 'key'], 'needs its certificate; set tls.cert')
  }
  if (tls?.passphrase !== undefined && tls.key === undefined) {
    report(['tls', 'passphrase'], 'belongs to a private key; set tls.key or remove it')
  }
  if (target.protocol === 'udp' && (value.maxMessageBytes ?? 0) > maxDatagramBytes) {
    report(['maxMessageBytes'], `must be ${maxDatagramBytes} or less on UDP: a datagram holds no more`)
  }
}

/** `targets`: that of `to`, then those of `failover`; a sentence is a mistake that is reported elsewhere. */
function checkFailover(
  targets: readonly (Target | string)[],
  report: (at: readonly PropertyKey[], message: string) => void,
): void {
  if (targets.length === 1) return
  const urls = targets.map((target) => (typeof target === 'string' ? target : urlOf(target)))
  for (const [index, target] of targets.entries()) {
    const at = index === 0 ? ['failover'] : ['failover', index - 1]
    if (typeof target === 'string') continue
    if (target.protocol === 'udp') {
      // Nobody answers, so it would neither be left when it is down nor be known to be back.
      const which = index === 0 ? 'does not go with udp://' : "can't be udp://"
      report(at, `${which}, which can't tell that a receiver is down; use tcp:// or tls://`)
    } else if (urls.indexOf(urls[index] as string) < index) {
      report(at, 'is named before already; remove it')
    }
  }
}

function urlOf(target: Target): string {
  return `${target.protocol}://${formatTarget(target).toLowerCase()}`
}

/** Any usual spelling of a SHA-256 fingerprint as `AA:BB:…`, the form of `X509Certificate`; else undefined. */
export function normaliseFingerprint(text: string): string | undefined {
  const hex = text
    .trim()
    .replace(/^sha-?256[ :]?(?:fingerprint=)?/i, '')
    .replaceAll(':', '')
  return /^[0-9a-f]{64}$/i.test(hex) ? hex.toUpperCase().match(/../g)?.join(':') : undefined
}
