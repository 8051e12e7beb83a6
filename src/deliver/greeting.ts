/** The first connection to a destination, before there is anything to send: what is wrong shows at once. */
import type { Destination } from '../flow/delivery.ts'
import { pause } from '../flow/pause.ts'

const firstMs = 1_000
const longestMs = 60_000

/**
 * Connects until that succeeds, the destination is at work, or `stop` aborts; `tell` hears of each try why it failed,
 * or null. Never rejects.
 */
export async function greet(
  destination: Destination,
  stop: AbortSignal,
  tell: (failure: string | null) => void,
  everyMs = firstMs,
): Promise<void> {
  for (let pauseMs = everyMs; !stop.aborted; pauseMs = Math.min(longestMs, 2 * pauseMs)) {
    const failure = (await destination.connect?.().catch(() => null)) ?? null
    if (stop.aborted) return
    tell(failure)
    if (failure === null) return
    await pause(pauseMs, stop)
  }
}
