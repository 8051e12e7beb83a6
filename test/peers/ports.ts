/** Loopback ports for peers. */
import { readFile } from 'node:fs/promises'

/** Rejects unless someone listens on the port of 127.0.0.1; asks the kernel, so that nobody is disturbed. */
export async function isListening(protocol: 'udp' | 'tcp' | 'tls', port: number): Promise<void> {
  const table = await readFile(protocol === 'udp' ? '/proc/net/udp' : '/proc/net/tcp', 'latin1')
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  // States as the kernel numbers them: 0A is LISTEN, 07 a datagram socket without a peer.
  const listening = `${address} 00000000:0000 ${protocol === 'udp' ? '07' : '0A'}`
  if (!table.includes(listening)) throw new Error(`nobody listens on ${protocol} port ${port}`)
}
