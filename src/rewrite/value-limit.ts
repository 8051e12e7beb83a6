import type { EventPlan } from '../flow/plan.ts'

/**
 * Longest value in UTF-8 bytes that an event takes of a column: the least of its keys' limits, as each of them
 * would be cut on its own. Infinity when the column becomes no text of an event.
 */
export function valueLimit({ fields, device, additional }: EventPlan, column: number): number {
  const limits = [...fields, ...device, ...additional]
    .filter((value) => value.column === column && value.as === 'text')
    .map(({ maxBytes }) => maxBytes)
  return Math.min(...limits)
}
