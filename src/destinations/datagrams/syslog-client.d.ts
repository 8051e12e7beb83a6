/** The part of syslog-client that is used; the package brings no types. */
declare module 'syslog-client' {
  import type { Socket } from 'node:dgram'
  import type { EventEmitter } from 'node:events'

  export interface Client extends EventEmitter {
    /** Cleared once the socket is connected: a connected socket takes no address. */
    port: number | undefined
    target: string | undefined
    /** Makes the bytes of a message. */
    buildFormattedMessage(message: string, options: object): Buffer
    getTransport(callback: (error: Error | null, socket: Socket) => void): void
    log(message: string, options: object, callback: (error?: Error) => void): void
    close(): void
  }
  export const Transport: { readonly Udp: number }
  export function createClient(target: string, options: { port: number; transport: number }): Client
}
