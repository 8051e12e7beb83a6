/**
 * A UDP socket that sends ready frames to one address, by way of syslog-client.
 *
 * The library would build its own header around a string and look the name up for every datagram; here its
 * formatter hands back our bytes unchanged, and its socket is connected to one address, for only a connected
 * socket hears that the peer refuses (ICMP).
 */
import type { Socket } from 'node:dgram'
import { type Client, createClient, Transport } from 'syslog-client'

interface FrameOptions {
  readonly frame: Buffer
}

/** Sends frames to one address until the first error, which it keeps in `trouble`. */
export class DatagramSocket {
  /** Where the datagrams go. */
  readonly address: string
  readonly #client: Client
  readonly #socket: Socket
  readonly #troubled: (socket: DatagramSocket) => void
  /** Nothing has come back for a while: the peer takes datagrams, as far as one can know. */
  proven = false
  trouble: Error | undefined

  private constructor(
    address: string,
    client: Client,
    socket: Socket,
    troubled: (socket: DatagramSocket) => void,
  ) {
    this.address = address
    this.#client = client
    this.#socket = socket
    this.#troubled = troubled
  }

  /** Binds and connects a socket; `troubled` is called once, when the first error shows. */
  static async open(
    address: string,
    port: number,
    troubled: (socket: DatagramSocket) => void,
  ): Promise<DatagramSocket> {
    const client = createClient(address, { port, transport: Transport.Udp })
    client.buildFormattedMessage = (_message, options) => (options as FrameOptions).frame
    const socket = await new Promise<Socket>((resolve, reject) => {
      client.once('error', reject)
      client.getTransport((error, transport) => (error ? reject(error) : resolve(transport)))
    })
    const datagrams = new DatagramSocket(address, client, socket, troubled)
    client.on('error', (error: Error) => datagrams.#fail(error))
    await new Promise<void>((resolve) => {
      // Typed without the error that Node hands to it.
      const connected = (error?: Error): void => {
        if (error) datagrams.#fail(error)
        resolve()
      }
      socket.connect(port, address, connected)
    })
    client.port = undefined
    client.target = undefined
    return datagrams
  }

  /** Resolves when the kernel took the datagram, or with `trouble` set. `frame` may be reused then. */
  send(frame: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.trouble !== undefined) return resolve()
      this.#client.log('', { frame } satisfies FrameOptions, (error) => {
        if (error) this.#fail(error)
        resolve()
      })
    })
  }

  /** Waits for an answer that refuses what was sent; resolves after `ms`, or at once with `trouble` set. */
  listen(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.trouble !== undefined) return resolve()
      const timer = setTimeout(resolve, ms)
      this.#client.once('error', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  close(): void {
    this.trouble ??= new Error('closed')
    try {
      this.#socket.close()
    } catch {
      // Closed before: there is no way to ask.
    }
  }

  #fail(error: Error): void {
    if (this.trouble !== undefined) return
    this.trouble = error
    this.#troubled(this)
    this.close()
  }
}
