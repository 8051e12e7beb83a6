/** Whether a receiver could be delivered to, found out without sending anything. */
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { reasonFor } from '../../network/reasons.ts'

/** How long a peer has to say no after the connection is there. */
const listenMs = 500
const closeGraceMs = 2000

/**
 * Connects as for delivery, listens for a moment and hangs up; resolves null, or why it can't be delivered to.
 * Listening shows a load balancer with no receiver behind it, and a client certificate that is refused: with
 * TLS 1.3 the refusal comes after the handshake.
 */
export async function probe(
  connect: (signal: AbortSignal) => Promise<Socket>,
  peer: string,
  signal: AbortSignal,
): Promise<string | null> {
  const over = new AbortController()
  let hangUp = (): void => {}
  try {
    const socket = await connect(signal)
    hangUp = () => void socket.destroy()
    signal.addEventListener('abort', hangUp)
    const ended = endOf(socket, peer)
    const refusal = await Promise.race([ended, pause(listenMs, null, { signal: over.signal })])
    if (refusal !== null) return refusal
    socket.end()
    await Promise.race([ended, pause(closeGraceMs, null, { signal: over.signal })])
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    over.abort()
    signal.removeEventListener('abort', hangUp)
    hangUp()
  }
}

/** Resolves when the peer ends the connection, and says how. */
function endOf(socket: Socket, peer: string): Promise<string> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(socket.errored ? reasonFor(socket.errored, peer, 'open') : `connection closed by ${peer}`)
    }
    socket.on('error', end)
    socket.on('end', end)
    socket.on('close', end)
    socket.resume()
    // It may have come before anybody listened.
    if (socket.destroyed) end()
  })
}
