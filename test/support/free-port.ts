/** Ports of loopback that stay free until somebody listens there. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that systems take for outgoing connections, and for whoever asks for any: those that a receiver leaves
 * would be taken by another test before it comes back, or while nobody is to listen there.
 */
const ports = { from: 20_000, to: 26_000 }
/** So much higher a port for datagrams says that one is given away, to the other processes, until this one ends. */
const marks = 6_000

/** A port of 127.0.0.1 that nobody uses, and nobody else is given who asks here. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.from + Math.floor(Math.random() * (ports.to - ports.from))
    const mark = createSocket('udp4').unref()
    const server = createServer()
    try {
      mark.bind({ port: port + marks, address: '127.0.0.1', exclusive: true })
      await once(mark, 'listening')
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      mark.close()
      continue
    }
    await once(server.close(), 'close')
    return port
  }
}
