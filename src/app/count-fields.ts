/** The counts of a pipeline as fields of the own log. */
import type { PipelineCounts } from '../flow/delivery.ts'

/** Times in it are written as everywhere in the log. */
export function countFields({
  lastDeliveredAt,
  ...counts
}: PipelineCounts): Readonly<Record<string, unknown>> {
  return {
    ...counts,
    lastDeliveredAt: lastDeliveredAt === null ? null : new Date(lastDeliveredAt).toISOString(),
  }
}
