/** The settings of a destination: those of all kinds, and those that its kind brings along. */
import * as z from 'zod'
import type { Mistake } from '../mistakes/of-settings.ts'
import { Mistaken, report, said } from '../mistakes/words.ts'
import type { Frames, Kind, Report } from './kind.ts'
import { kindMeantBy, kinds, type OwnKind, oneOf, readTarget, schemesOf, type Target } from './kinds.ts'
import { milliseconds } from './milliseconds.ts'

/** The name is that of a folder: on Windows these are devices, and `siem.` is the same as `siem`. */
function isReservedOnWindows(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name) || name.endsWith('.')
}

const targetUrl = z.string().superRefine((to, context) => {
  const target = readTarget(to)
  if (target instanceof Mistaken) report(context, target.words)
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

/** All that the members of a union have. */
type AllOf<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer All) => void
  ? All
  : never
const ownShape = Object.assign({}, ...kinds.map(({ settings }) => settings)) as AllOf<OwnKind['settings']>

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
      said(
        'names no folder on Windows',
        'choose one that is no device (con, nul, com1 …) and ends in no dot',
      ),
    )
    .refine(
      (name) => !/^lock\.\d+$/i.test(name),
      said('is the name of a lock in the state folder', 'choose another'),
    )
    .optional()
    .describe('Name in the log and of its saved positions; made from `to` by default.'),
  to: targetUrl.describe(
    `${oneOf(kinds.map(({ form }) => form))}; ports ` +
      `${oneOf(kinds.flatMap(({ defaultPort = [] }) => defaultPort).map(String), 'and')} by default.`,
  ),
  ...ownShape,
  failover: z
    .array(targetUrl)
    .min(1, said('is empty', 'name at least one receiver, or remove it'))
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

/** Settings of all kinds that are secret, and those that name files that are. */
export const destinationSecrets = {
  texts: kinds.flatMap(({ secrets }) => secrets?.texts ?? []),
  files: kinds.flatMap(({ secrets }) => secrets?.files ?? []),
}

const destinationSchema = z.strictObject(destinationShape)

/** What kinds fill in. */
type Completed = AllOf<ReturnType<Extract<OwnKind, { complete: unknown }>['complete']>>

/** A destination's settings with all defaults filled in and its name given. */
export type DestinationOptions = Complete<z.output<typeof destinationSchema>>

/** Settings as the schema gives them, and what kinds fill in. */
export type Complete<Settings> = Omit<Settings, 'name' | keyof Completed> &
  Completed & { readonly name: string }

/** Fills in what the schema does not: defaults that depend on other settings, and absolute paths. */
export function completeDestination<Settings extends { readonly to: string; readonly name: string }>(
  settings: Settings,
  absolute: (path: string) => string,
): Complete<Settings> {
  return Object.assign(
    {},
    settings,
    ...kinds.map((kind) => kind.complete?.(settings, absolute)),
  ) as Complete<Settings>
}

/**
 * Checks settings against each other; for `superRefine` of the schema that `destinationShape` was spread
 * into. It also looks at `maxMessageBytes`, which a kind may limit.
 */
export function checkDestination(
  value: {
    readonly to: string
    readonly failover?: readonly string[] | undefined
    readonly failback?: unknown
    readonly maxMessageBytes?: number | undefined
  },
  context: z.RefinementCtx,
): void {
  const tell: Report = (at, message, remedy) =>
    report(context, { message, ...(remedy !== undefined && { remedy }) }, at)
  const target = readTarget(value.to)
  if (target instanceof Mistaken) return // reported by `to` itself
  const { failover = [], maxMessageBytes = 0 } = value
  const targets = [target, ...failover.map(readTarget)]
  checkFailover(targets, tell)
  for (const kind of kindsOf(targets)) kind.check?.({ ...value }, tell)
  if (value.failback !== undefined && failover.length === 0) {
    tell(['failback'], 'needs another receiver to return from', 'set failover or remove it')
  }
  const { most } = target.kind.frames
  if (most !== undefined && maxMessageBytes > most.bytes) {
    tell(['maxMessageBytes'], `must be ${most.bytes} or less ${most.because}`)
  }
}

/** `targets`: that of `to`, then those of `failover`; what is wrong with one is reported elsewhere. */
function checkFailover(targets: readonly (Target | Mistaken)[], report: Report): void {
  if (targets.length === 1) return
  const urls = targets.map((target) => (target instanceof Mistaken ? '' : urlOf(target)))
  for (const [index, target] of targets.entries()) {
    const at = index === 0 ? ['failover'] : ['failover', index - 1]
    if (target instanceof Mistaken) continue
    const { protocol, withoutFailover } = target.kind
    if (withoutFailover !== undefined) {
      const which = index === 0 ? `does not go with ${protocol}://` : `can't be ${protocol}://`
      const others = kinds.filter((kind) => kind.withoutFailover === undefined)
      report(at, `${which}, which ${withoutFailover}`, `use ${schemesOf(others)}`)
    } else if (urls.indexOf(urls[index] as string) < index) {
      report(at, 'is named before already', 'remove it')
    }
  }
}

function urlOf({ kind, address }: Target): string {
  return `${kind.protocol}://${kind.formatAddress(address)}`
}

/** Each once; what is wrong with a target is reported elsewhere. */
function kindsOf(targets: readonly (Target | Mistaken)[]): readonly Kind[] {
  return [...new Set(targets.flatMap((target) => (target instanceof Mistaken ? [] : [target.kind])))]
}

/**
 * Settings that were written and do nothing, by their paths within the destination. Looks at a destination as it was
 * written, where a default does not look like a setting.
 */
export function unusedSettings(written: Readonly<Record<string, unknown>>): readonly Mistake[] {
  const { to, failover } = written
  const targets = [to, ...(Array.isArray(failover) ? failover : [])].map((url: unknown) =>
    readTarget(String(url)),
  )
  // One that is not understood might use them.
  if (targets.some((target) => target instanceof Mistaken)) return []
  const used = kindsOf(targets)
  return Object.keys(written).flatMap((setting): readonly Mistake[] => {
    if (written[setting] === undefined || written[setting] === null) return []
    // In failover, settings are for all receivers; one that uses it is enough.
    const reasons = used.map((kind) => unusedThere(setting, kind, written) ?? elsewhere(setting, kind))
    const [first] = reasons
    return first === undefined || reasons.includes(undefined) ? [] : [{ path: [setting], ...first }]
  })
}

function unusedThere(
  setting: string,
  kind: Kind,
  written: Readonly<Record<string, unknown>>,
): Omit<Mistake, 'path'> | undefined {
  const unused = kind.unused?.(written) ?? {}
  return Object.hasOwn(unused, setting) ? unused[setting] : undefined
}

/** What is said of a setting that only other kinds have. */
function elsewhere(setting: string, kind: Kind): Omit<Mistake, 'path'> | undefined {
  const owners = kinds.filter(({ settings }) => Object.hasOwn(settings, setting))
  if (owners.length === 0 || owners.includes(kind)) return undefined
  return {
    message: `belongs to ${schemesOf(owners, 'and')} destinations, and this is ${kind.protocol}://`,
    remedy: 'change `to` or remove it',
  }
}

/** Which rows of a preset are for an address, whatever is wrong with it. */
export function presetRowsFor(to: string): Frames['over'] {
  const kind = kindMeantBy(to)
  return kind === undefined ? 'stream' : kind.frames.over
}
