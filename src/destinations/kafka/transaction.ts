/** What is in a transaction, and how far all is settled once that is committed. */
import type { Position } from '../../flow/chunk.ts'
import type { Outcome, WriteLetters } from '../../flow/delivery.ts'
import type { Fate } from './producer.ts'

/** A batch in the transaction. */
export interface Member {
  readonly position: Position
  /** More of it has to come before its position holds. */
  readonly isPart: boolean
  readonly outcome: Extract<Fate, { status: 'delivered' }>
  readonly writeLetters: WriteLetters | undefined
  readonly settle: (outcome: Outcome) => void
}

/** The last position of each file; null while a row, or a batch, is not there as a whole. */
export function wholePositions(members: readonly Member[]): ReadonlyMap<string, Position> | null {
  const positions = new Map<string, Position>()
  if (members.at(-1)?.isPart) return null
  for (const { position, isPart } of members) if (!isPart) positions.set(position.fileId, position)
  return [...positions.values()].some(({ settledEvents }) => settledEvents !== undefined) ? null : positions
}
