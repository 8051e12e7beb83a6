/** Ports of loopback that stay free until somebody listens there. */
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that systems take for outgoing connections, and for whoever asks for any: those that a receiver leaves
 * would be taken by another test before it comes back, or while nobody is to listen there.
 */
const ports = { from: 20_000, to: 32_000 }

/** A port of 127.0.0.1 that nobody uses, and nobody is given who did not ask here. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.from + Math.floor(Math.random() * (ports.to - ports.from))
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      continue
    }
    await once(server.close(), 'close')
    return port
  }
}
