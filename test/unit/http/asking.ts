/** A listener, and one who asks it in whatever way. */
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import type { Log } from '../../../src/flow/log.ts'
import { HttpListener, type ListenerOptions } from '../../../src/http/listener.ts'

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What was logged, as `level message`. */
export class Said implements Log {
  readonly lines: { readonly text: string; readonly fields: unknown }[] = []
  readonly #say =
    (level: string) =>
    (message: string, fields?: unknown): void =>
      void this.lines.push({ text: `${level} ${message}`, fields })
  readonly debug = this.#say('debug')
  readonly info = this.#say('info')
  readonly warn = this.#say('warn')
  readonly error = this.#say('error')
}

/** Opens a listener on any port of 127.0.0.1. */
export function listen(options: Partial<ListenerOptions>): Promise<HttpListener> {
  const address = { host: '127.0.0.1', port: 0 }
  return HttpListener.open({ address, allowedHosts: [], routes: [], log: new Said(), ...options })
}

/** Asks and waits for the whole answer. Nothing is added to the headers but the Host when none is given. */
export function ask(
  url: string,
  options: RequestOptions & {
    readonly body?: string
    readonly ca?: string
    readonly servername?: string
  } = {},
): Promise<Answered> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? secureRequest : request
    const asked = send(url, { agent: false, ...rest }, async (response) => {
      try {
        const parts: Buffer[] = []
        for await (const part of response) parts.push(part)
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, body: Buffer.concat(parts).toString() })
      } catch (error) {
        reject(error)
      }
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Sends bytes as they are and gives all that comes back until the other side ends it. */
export function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')))
  })
}
