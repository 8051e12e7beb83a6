import { type Clock, systemClock } from '../clock.ts'

/** How long a destination over a stream waits where no setting says it, and by which clock. */
export interface StreamTimes {
  /** With nothing sent for so long, the connection rotates if anything is unconfirmed. */
  readonly idleMs: number
  /** How long the next connection has to stay healthy after the end of the one before has proved its batches. */
  readonly outliveMs: number
  /** How long TLS's close_notify alone is given before TCP's FIN follows. */
  readonly closeNotifyMs: number
  /** How long connections may take to end when the destination is closed; the time to outlive follows. */
  readonly closeGraceMs: number
  /** What makes batches count once time has passed without a sign of trouble. */
  readonly clock: Clock
}

/** The times of the program; tests take others. */
export const streamTimes: StreamTimes = {
  idleMs: 500,
  outliveMs: 1000,
  closeNotifyMs: 50,
  closeGraceMs: 2000,
  clock: systemClock,
}
