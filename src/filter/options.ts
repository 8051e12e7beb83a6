/** Which records a destination gets: its settings `events`, `filter` and `noise`. */
import * as z from 'zod'
import { report, said } from '../mistakes/words.ts'
import { type Asked, type AskedOfList, askedOfListSchema, askedSchema, entriesSchema } from './asked.ts'
import { type AskedColumns, columnsSchema } from './columns.ts'
import { customDataProblem } from './custom-data.ts'
import { addressProblem } from './text-entry.ts'

/** Noise that can be filtered by name. */
export const noiseNames = ['shadow-redundancy', 'monitoring', 'agentinfo-performance'] as const

export type NoiseName = (typeof noiseNames)[number]

/** Conditions that have a name. */
export const readyNames = [
  'left-organisation',
  'entered',
  'failed',
  'auto-forwarded',
  'anonymous-relay',
  'rule-hits',
] as const

export type ReadyName = (typeof readyNames)[number]

/** What Exchange writes into the column of the same name, besides nothing. */
const directionalities = ['Incoming', 'Originating', 'Undefined'] as const

/** Conditions on a record, all of which must hold; a plain list holds when one of its entries does. */
export interface FilterGroup {
  readonly events?: readonly string[] | undefined
  readonly sources?: readonly string[] | undefined
  readonly directionality?: readonly (typeof directionalities)[number][] | undefined
  readonly senders?: Asked | undefined
  readonly recipients?: AskedOfList | undefined
  readonly sizeBytes?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  readonly customData?: readonly string[] | undefined
  readonly columns?: AskedColumns | undefined
  readonly and?: readonly FilterGroup[] | undefined
  readonly or?: readonly FilterGroup[] | undefined
  readonly not?: FilterGroup | undefined
}

/** Everything that decides which records are delivered; what is left out lets all of them pass. */
export interface FilterSettings {
  readonly events?: readonly string[] | undefined
  readonly filter?: FilterGroup | undefined
  readonly noise?: readonly NoiseName[] | undefined
  readonly only?: readonly ReadyName[] | undefined
  /** What `only` knows of the organisation. */
  readonly organisation?:
    | {
        readonly domains?: readonly string[] | undefined
        readonly connectors?: readonly string[] | undefined
      }
    | undefined
}

const eventIds = z
  .array(z.string().regex(/^\s*[\w-]{1,64}\s*$/, 'is no event id, such as SEND'))
  .min(1, said('names no event', 'leave it out to deliver all of them'))
  .optional()

const bytes = () => z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional()

const group: z.ZodType<FilterGroup> = z
  .strictObject({
    events: eventIds.describe('The event id is one of these.'),
    sources: z
      .array(z.string().regex(/^[\w-]{1,64}$/, 'is no source, such as SMTP'))
      .min(1, said('is empty', 'leave it out to let all pass'))
      .optional()
      .describe('The component that wrote the record (column source) is one of these, such as SMTP.'),
    directionality: z
      .array(z.enum(directionalities))
      .min(1, said('is empty', 'leave it out to let all pass'))
      .optional()
      .describe('The directionality is one of Incoming, Originating, Undefined.'),
    senders: askedSchema(addressProblem)
      .optional()
      .describe(
        'The sender is one of these: ann@contoso.com, @contoso.com, `*@*.contoso.com` or `/regular expression/`, in any ' +
          'case; or by name `any`, `none`.',
      ),
    recipients: askedOfListSchema(addressProblem)
      .optional()
      .describe(
        'One recipient at least is one of these, which are written as those of senders; or by name: `any` is the same, ' +
          '`all` that every recipient is one of these, `none` that none is, `anyOther` that one at least is another.',
      ),
    sizeBytes: z
      .strictObject({
        min: bytes().describe('Smallest size, in bytes.'),
        max: bytes().describe('Largest size, in bytes.'),
      })
      .superRefine(({ min, max }, context) => {
        // A mistyped name of a limit is told already.
        if (min === undefined && max === undefined && context.issues.length === 0)
          report(context, { message: 'has no limit', remedy: 'give min, max or both' })
        if (min !== undefined && max !== undefined && min > max)
          report(context, { message: 'is more than max', remedy: 'no record is that large' }, ['min'])
      })
      .optional()
      .describe(
        'The size (total-bytes) is at least min and at most max; never so where the log has no size.',
      ),
    customData: entriesSchema(customDataProblem)
      .optional()
      .describe(
        'One of these stands in custom-data: a key (S:IsProbe) or a key and its value (S:IsProbe=true, `S:AMA=SUM|*`).',
      ),
    columns: columnsSchema
      .optional()
      .describe(
        'Conditions on any column by its name, such as connector-id: each is written as `senders`, and where the column ' +
          'holds a list, as `recipients`.',
      ),
    get and() {
      return groups().describe('All of these groups hold.')
    },
    get or() {
      return groups().describe('One of these groups holds at least.')
    },
    get not() {
      return group.optional().describe('This group does not hold.')
    },
  })
  .refine((conditions) => Object.values(conditions).some((condition) => condition !== undefined), {
    error: said('has no condition', 'give one, such as events, or leave it out'),
    // A mistyped name of a condition is told already.
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ id: 'filter' })

function groups() {
  return z.array(group).min(1, said('is empty', 'leave it out')).optional()
}

/** Which records are delivered: a part of a destination's configuration. */
export const filterShape = {
  events: eventIds.describe('Only records with one of these event ids; all by default.'),
  filter: group
    .optional()
    .describe('Only records for which all of these conditions hold; the same in and, or and not.'),
  only: z
    .array(z.enum(readyNames))
    .min(1, said('is empty', 'leave it out to let all pass'))
    .optional()
    .describe(
      'Only records that one of these is about: `left-organisation`, `entered`, `failed`, `auto-forwarded`, ' +
        '`anonymous-relay` (by a sender that was not authenticated to outside; it needs organisation.domains), ' +
        '`rule-hits` (transport rules, data loss rules and malware that acted). What each takes: docs/events.md.',
    ),
  noise: z
    .array(z.enum(noiseNames))
    .optional()
    .describe(
      'Leaves out: `shadow-redundancy` (HARECEIVE, HADISCARD, HAREDIRECT, HAREDIRECTFAIL), `monitoring` (mail of ' +
        'health mailboxes and probes), `agentinfo-performance` (run times of transport rules in AGENTINFO records).',
    ),
}

/** Mistakes of several settings together. */
export function checkOnly(
  value: Pick<FilterSettings, 'only' | 'organisation'> | null,
  context: z.RefinementCtx,
): void {
  const only: unknown = value?.only
  if (!Array.isArray(only) || !only.includes('anonymous-relay') || value?.organisation?.domains) return
  const message = 'anonymous-relay has to know which recipients are outside'
  report(context, { message, remedy: 'give organisation.domains' }, ['only'])
}
