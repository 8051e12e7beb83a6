/** Settings of delivery, as they stand in the configuration. */
import * as z from 'zod'

/** What is kept of lines that can't be delivered. */
export const deadLetterOptions = z.strictObject({
  maxMegabytes: z
    .int('must be a whole number of megabytes')
    .min(10, 'must be 10 or more')
    .max(1_000_000, 'must be 1000000 or less')
    .default(100)
    .describe(
      'Most megabytes that the dead letters of a destination take, in ten files; the oldest fall out, which is said.',
    ),
})
