/** Waits until a socket is connected. */
import type { Socket } from 'node:net'
import { type Phase, reasonFor } from '../../network/reasons.ts'

/** How long to wait for what, and what to give it up for. */
interface Opening {
  /** `host:port`, named in reasons. */
  readonly peer: string
  /** The event after which the socket can be used. */
  readonly event: 'connect' | 'secureConnect'
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Resolves at `event`; otherwise destroys the socket and rejects with an `Error` whose message is the reason. */
export async function opened(socket: Socket, { peer, event, timeoutMs, signal }: Opening): Promise<void> {
  const phase: Phase = event === 'connect' ? 'connecting' : 'handshake'
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(event, () => resolve())
      socket.once('error', (error) => reject(new Error(reasonFor(error, peer, phase))))
      socket.once('close', () => reject(new Error(`connection closed by ${peer}`)))
      timer = setTimeout(() => reject(new Error(late(peer, phase, timeoutMs))), timeoutMs)
      abort = () => reject(new Error('closed while connecting'))
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
    })
  } catch (error) {
    // A late error of a socket that is given up must not end the process.
    socket.on('error', () => {})
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    if (abort !== undefined) signal.removeEventListener('abort', abort)
  }
}

function late(peer: string, phase: Phase, timeoutMs: number): string {
  const seconds = timeoutMs / 1000
  return phase === 'connecting'
    ? `no answer from ${peer} within ${seconds} s`
    : `${peer} took the connection but did not answer the TLS handshake within ${seconds} s: it may not speak TLS on this port`
}
