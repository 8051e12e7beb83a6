/** The settings of a destination: those of all kinds, and those that its kind brings along. */
import * as z from 'zod'
import type { Mistake } from '../mistakes/of-settings.ts'
import { isReservedOnWindows, reservedRemedy } from '../mistakes/path-setting.ts'
import { Mistaken, report, said } from '../mistakes/words.ts'
import { type Group, isGroup } from '../mistakes/written.ts'
import { checkFormat } from './format.ts'
import type { Frames, Kind, Report } from './kind.ts'
import { kindMeantBy, kinds, type OwnKind, oneOf, readTarget, schemesOf, type Target } from './kinds.ts'
import { milliseconds } from './milliseconds.ts'

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
      // It is that of a folder.
      said('names no folder on Windows', reservedRemedy),
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
  references: kinds.flatMap(({ secrets }) => secrets?.references ?? []),
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
 * Checks settings against each other; for `superRefine` of the schema that `destinationShape` was spread into, also
 * when some have mistakes of their own: of those nothing else is told. It also looks at `maxMessageBytes`, which a kind
 * may limit.
 */
export function checkDestination(settings: unknown, context: z.RefinementCtx): void {
  if (!isGroup(settings)) return
  const wrong = context.issues.flatMap(({ code, path }) => (code === 'unrecognized_keys' ? [] : [path ?? []]))
  const tell: Report = (at, message, remedy) => {
    if (wrong.some((path) => path.every((key, depth) => key === at[depth]))) return
    report(context, { message, ...(remedy !== undefined && { remedy }) }, at)
  }
  const targets = targetsOf(settings)
  checkFailover(targets, tell)
  checkFormat(settings, tell)
  for (const kind of kindsMeantBy(settings, targets)) kind.check?.(settings, tell)
  const { failover = [], failback, maxMessageBytes } = settings
  if (failback !== undefined && Array.isArray(failover) && failover.length === 0) {
    tell(['failback'], 'needs another receiver to return from', 'set failover or remove it')
  }
  const most = targets[0]?.kind?.frames.most
  if (most !== undefined && typeof maxMessageBytes === 'number' && maxMessageBytes > most.bytes) {
    tell(['maxMessageBytes'], `must be ${most.bytes} or less ${most.because}`)
  }
}

/** What an address names as far as it is understood. */
interface Meant {
  readonly kind?: Kind | undefined
  /** The same for all ways to write the same address; undefined when something is wrong with it. */
  readonly url?: string
}

/** That of `to`, then those of `failover`. */
function targetsOf({ to, failover }: Group): readonly Meant[] {
  return [to, ...(Array.isArray(failover) ? failover : [])].map((written: unknown): Meant => {
    const text = typeof written === 'string' ? written : ''
    const target = readTarget(text)
    return target instanceof Mistaken
      ? { kind: kindMeantBy(text) }
      : { kind: target.kind, url: urlOf(target) }
  })
}

function checkFailover(targets: readonly Meant[], report: Report): void {
  if (targets.length === 1) return
  const urls = targets.map(({ url }) => url)
  for (const [index, { kind, url }] of targets.entries()) {
    const at = index === 0 ? ['failover'] : ['failover', index - 1]
    if (kind?.withoutFailover !== undefined) {
      const which = index === 0 ? `does not go with ${kind.protocol}://` : `can't be ${kind.protocol}://`
      const others = kinds.filter((kind) => kind.withoutFailover === undefined)
      report(at, `${which}, which ${kind.withoutFailover}`, `use ${schemesOf(others)}`)
    } else if (url !== undefined && urls.indexOf(url) < index) {
      report(at, 'is named before already', 'remove it')
    }
  }
}

function urlOf({ kind, address }: Target): string {
  return `${kind.protocol}://${kind.formatAddress(address)}`
}

/** Each once. Where `to` names none, those too that alone have a setting that was written. */
function kindsMeantBy(settings: Group, targets: readonly Meant[]): readonly Kind[] {
  const isOnlyOf = (kind: Kind) => (setting: string) =>
    settings[setting] !== undefined &&
    kinds.every((other) => (other === kind) === Object.hasOwn(other.settings, setting))
  const told =
    targets[0]?.kind === undefined
      ? kinds.filter((kind) => Object.keys(kind.settings).some(isOnlyOf(kind)))
      : []
  return [...new Set([...targets.flatMap(({ kind }) => kind ?? []), ...told])]
}

/**
 * Settings that were written and do nothing, by their paths within the destination. Looks at a destination as it was
 * written, where a default does not look like a setting.
 */
export function unusedSettings(written: Group): readonly Mistake[] {
  const used = new Set(targetsOf(written).map(({ kind }) => kind))
  return Object.keys(written).flatMap((setting): readonly Mistake[] => {
    if (written[setting] === undefined || written[setting] === null) return []
    // In failover, settings are for all receivers; one that uses it is enough.
    const reasons = [...used].map(
      // One that is not understood might use it.
      (kind) => kind && (unusedThere(setting, kind, written) ?? elsewhere(setting, kind)),
    )
    const [first] = reasons
    return first === undefined || reasons.includes(undefined) ? [] : [{ path: [setting], ...first }]
  })
}

function unusedThere(setting: string, kind: Kind, written: Group): Omit<Mistake, 'path'> | undefined {
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

/** What an address has for itself; undefined when that is nothing, or something is wrong with it. */
export function placeWrittenBy(to: unknown): string | undefined {
  const target = typeof to === 'string' ? readTarget(to) : undefined
  return target === undefined || target instanceof Mistaken
    ? undefined
    : target.kind.placeOf?.(target.address)
}

/** Which rows of a preset are for an address, whatever is wrong with it. */
export function presetRowsFor(to: unknown): Frames['over'] {
  const kind = typeof to === 'string' ? kindMeantBy(to) : undefined
  return kind === undefined ? 'stream' : kind.frames.over
}
