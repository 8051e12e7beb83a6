/**
 * How far a stream destination is with its connections.
 *
 *   idle ──▶ connecting ──▶ carrying ──▶ handing over ──▶ carrying
 *     ▲          │             │              │
 *     └──────────┴─────────────┴──────────────┘  there is none, or it broke
 *
 * Two things run beside it. A rotation opens its next connection while the old one carries on, and is over only when
 * that came, though the old one broke meanwhile. Closing lets what is on its way come to its end.
 */
import type { Connection } from './connection.ts'
import type { Opening } from './connector.ts'

export type Phase =
  | { readonly is: 'idle' }
  /** `opening`: the connection, or the reason why there is none. */
  | { readonly is: 'connecting'; readonly opening: Promise<Opening> }
  | { readonly is: 'carrying'; readonly connection: Connection }
  /**
   * The end of `old` is awaited before the next one may carry anything. `done` resolves with null when it may, or with
   * the reason why not; `next` is known a moment before.
   */
  | {
      readonly is: 'handing over'
      readonly old: Connection
      readonly done: Promise<string | null>
      readonly next?: Connection
    }

/** With nothing to send on, and nothing on its way. */
export const idle: Phase = { is: 'idle' }

/** The connection that batches go to. */
export function currentIn(phase: Phase): Connection | undefined {
  if (phase.is === 'carrying') return phase.connection
  return phase.is === 'handing over' ? phase.next : undefined
}

/** The same with another current connection, or with none. */
export function withCurrent(phase: Phase, connection: Connection | undefined): Phase {
  if (phase.is === 'handing over') {
    const { is, old, done } = phase
    return { is, old, done, ...(connection && { next: connection }) }
  }
  return connection === undefined ? idle : { is: 'carrying', connection }
}

/** What follows once a handover is done: the next connection carries, if there is one. */
export function afterHandover(phase: Phase): Phase {
  const connection = currentIn(phase)
  return connection === undefined ? idle : { is: 'carrying', connection }
}
