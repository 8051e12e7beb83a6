import * as z from 'zod'

/** A setting that is a time in milliseconds, both ends included. */
export function milliseconds(min: number, max: number): z.ZodInt {
  return z
    .int()
    .min(min, `must be ${min} or more (milliseconds)`)
    .max(max, `must be ${max} or less (milliseconds)`)
}
