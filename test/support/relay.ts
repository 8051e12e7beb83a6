/** A TCP relay as proxies and load balancers are: when the receiver dies, it ends the other side cleanly all the same. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Relay {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(to: number) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client, to))
  }

  /** Hands on everything to a port of 127.0.0.1. */
  static async open(to: number): Promise<Relay> {
    const relay = new Relay(to)
    await once(relay.#server.listen(0, '127.0.0.1'), 'listening')
    return relay
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(client: Socket, to: number): void {
    const back = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [client, back]) {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    }
    client.pipe(back)
    back.pipe(client)
    client.on('error', () => back.resetAndDestroy())
    // A clean end, whatever of the bytes it took has arrived.
    back.on('error', () => client.destroySoon())
  }
}
