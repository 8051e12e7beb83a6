/** Settings of what becomes of rows between filter and mapping, as they stand in the configuration. */
import * as z from 'zod'

export const recipientModes = ['joined', 'each'] as const
export const overflowModes = ['cut', 'split'] as const

/** A part of a destination's configuration. */
export const rewriteShape = {
  recipients: z
    .enum(recipientModes, 'must be joined or each')
    .default('joined')
    .describe(
      '`joined`: one event for a record, with all its recipients; `each`: one event for each recipient, with ' +
        'its own status.',
    ),
  overflow: z
    .enum(overflowModes, 'must be cut or split')
    .default('cut')
    .describe(
      'A list of recipients that is too long for its key is cut, or its record becomes several events that ' +
        'together carry all recipients.',
    ),
}

/** Ten years: more is a typing mistake. */
const maxCorrectionSeconds = 86_400 * 3_650

/** A part of a source's configuration. */
export const sourceTimeShape = {
  correctSeconds: z
    .int('must be a whole number of seconds')
    .min(-maxCorrectionSeconds, `must be ${-maxCorrectionSeconds} or more`)
    .max(maxCorrectionSeconds, `must be ${maxCorrectionSeconds} or less`)
    .default(0)
    .describe(
      'Seconds to add to the times of the records, for a server whose clock is wrong: -90 when it is 90 ' +
        'seconds fast.',
    ),
}

export type RecipientMode = (typeof recipientModes)[number]
export type OverflowMode = (typeof overflowModes)[number]
