/** What becomes of a row on its way from filter to frame, put together from the parts by the settings of a destination. */
import { hostname } from 'node:os'
import type { EncoderOptions } from '../encode/create-encoder.ts'
import { compileFilter, ruleNames } from '../filter/filter.ts'
import type { FilterSettings } from '../filter/options.ts'
import type { Format } from '../flow/batch.ts'
import type { Layout } from '../flow/chunk.ts'
import type { Divide, PartLimits, Transform } from '../flow/in-parts.ts'
import type { EventPlan, RewriteStep } from '../flow/plan.ts'
import { WorkMemory } from '../hot-loop/memory.ts'
import { createMapper, type MapperOptions } from '../map/mapper.ts'
import { createPartParser } from '../parse/parser.ts'
import type { PrivacyOptions } from '../privacy/options.ts'
import { compilePrivacy } from '../privacy/steps.ts'
import { type Corrections, correctTimes } from '../rewrite/correct-time.ts'
import type { OverflowMode, RecipientMode } from '../rewrite/options.ts'
import { divideRecipients, type RecipientOptions, rewriteRecipients } from '../rewrite/recipients.ts'
import { trimRulePerformance } from '../rewrite/trim-noise.ts'
import { valueLimit } from '../rewrite/value-limit.ts'
import { createTransform } from './chunk-to-batch.ts'
import { inOnePart, inOrder } from './in-order.ts'

const noCorrections: Corrections = new Map()

/** A value takes several microseconds to be protected. */
const protectedLimits = { rows: 1024, bytes: 256 * 1024 }
/**
 * For receivers of posts of a megabyte: as JSON rows take half as many bytes again, or twice as many, and a batch in one
 * post is never sent by half.
 */
const postLimits: Readonly<Partial<Record<Format, PartLimits>>> = {
  'message-tracking-log': { rows: 1024, bytes: 512 * 1024 },
  'common-security-log': { rows: 1024, bytes: 384 * 1024 },
}

/** What an event is made of, whatever becomes of it then. */
export interface EventOptions
  extends Omit<MapperOptions, 'linksEvents'>,
    FilterSettings,
    Omit<EncoderOptions, 'host'> {
  /** `joined` by default. */
  readonly recipients?: RecipientMode | undefined
  /** `cut` by default. */
  readonly overflow?: OverflowMode | undefined
  /** Of sources whose clock is wrong; none by default. */
  readonly corrections?: Corrections | undefined
  /** As `TransformOptions`. */
  readonly origins?: boolean | undefined
  /** What is kept from the receiver; nothing by default. */
  readonly privacy?: PrivacyOptions | undefined
}

/** What decides what an event is made of: the steps in their order, and the plan they lead to. */
export interface EventParts {
  readonly steps: readonly RewriteStep[]
  /** What makes several rows of one then, and the same as a step for a single row. */
  readonly divideFor: (layout: Layout) => Divide | null
  readonly divided: RewriteStep
  readonly planFor: (layout: Layout) => EventPlan
}

/** Makes the parts between filter and encoder. Throws a `ProblemsError` when a mapping table has mistakes. */
export function createEventParts(options: EventOptions): EventParts {
  const { recipients = 'joined', overflow = 'cut', corrections = noCorrections } = options
  const linksEvents = recipients === 'each' || overflow === 'split'
  const { planFor } = createMapper({ ...options, linksEvents })
  if (options.format === 'raw') return asTheyStand(planFor)
  const trimsNoise = options.noise?.includes('agentinfo-performance') === true
  const optionsFor = (layout: Layout): RecipientOptions => ({
    recipients,
    overflow,
    maxBytesOf: (column) => valueLimit(planFor(layout), column),
  })
  return {
    planFor,
    steps: [
      { name: 'time correction', rewriteFor: (layout) => correctTimes(layout, corrections) },
      { name: 'noise', rewriteFor: (layout) => (trimsNoise ? trimRulePerformance(layout) : null) },
      // From here on all that is derived is derived of protected values.
      ...(options.privacy ? compilePrivacy(options.privacy) : []),
    ],
    divideFor: (layout) => divideRecipients(layout, optionsFor(layout)),
    divided: { name: 'recipients', rewriteFor: (layout) => rewriteRecipients(layout, optionsFor(layout)) },
  }
}

/** Nothing changes rows that are delivered as they stand. */
function asTheyStand(planFor: EventParts['planFor']): EventParts {
  const divided: RewriteStep = { name: 'recipients', rewriteFor: () => null }
  return { planFor, steps: [], divideFor: () => null, divided }
}

function limitsOf({ privacy, format = 'cef' }: EventOptions): { readonly limits?: PartLimits } {
  if (privacy !== undefined) return { limits: protectedLimits }
  const limits = postLimits[format]
  return limits === undefined ? {} : { limits }
}

/**
 * Puts the pure middle of the flow together. Throws a `ProblemsError` when a mapping table has mistakes. The memory of the
 * hot loops is taken with the first chunk: who checks a configuration, or is given what another destination's events were
 * made as, has no use for it, and of many the collector has to look at all.
 */
export function createEventTransform(options: EventOptions): Transform {
  const { planFor, steps, divideFor } = createEventParts(options)
  const rules = ruleNames(options)
  // Of a single rule all that is filtered is known to be left out by it.
  const failed = rules.length > 1 ? new Uint32Array(rules.length) : undefined
  const filterFor = compileFilter(options, failed)
  const create = (memory: WorkMemory) =>
    createTransform({
      memory,
      parse: createPartParser(memory),
      planFor,
      filterFor,
      failed,
      rewriteFor: (layout) =>
        inOrder(
          steps.map(({ rewriteFor, inPartsFor }) => inPartsFor?.(layout) ?? inOnePart(rewriteFor(layout))),
        ),
      divideFor,
      ...limitsOf(options),
      frame: { ...options, host: hostname() },
      origins: options.origins,
      now: Date.now,
    })
  let transform: Transform | undefined
  return (...chunk) => {
    transform ??= create(new WorkMemory())
    return transform(...chunk)
  }
}
