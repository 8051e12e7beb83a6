/** Posts over HTTPS to one host, on connections that are used again, by way of a proxy if there is one. */
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { plain, reasonFor } from '../../network/reasons.ts'
import { type Environment, proxyFor, tunnel } from './proxy.ts'

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The beginning of what it says. */
  readonly text: string
}

/** No connection was to be had, so that nothing went out. */
export class NotSent extends Error {}

/** The connection stands, as far as anybody knows, and no answer came in time. */
export class Overdue extends Error {}

/** How long things may take, in milliseconds. */
export interface ClientTimes {
  readonly connectMs: number
  /** From the first byte out to the last one in. */
  readonly answerMs: number
  /** A connection that is not used for so long is closed: what lies in between may forget it without a word. */
  readonly idleMs: number
}

/** For tests; others have what is usual. */
interface ClientOptions {
  readonly times?: Partial<ClientTimes>
  readonly env?: Environment
  /** PEM of the authority to trust in place of those of the system. */
  readonly ca?: string
}

const usualTimes: ClientTimes = { connectMs: 10_000, answerMs: 60_000, idleMs: 30_000 }
const longestText = 16_384

/** Posts to one host. */
export class HttpsClient {
  readonly #target: HostPort
  readonly #peer: string
  readonly #times: ClientTimes
  readonly #ca: string | undefined
  readonly #proxy: URL | null
  #agent: Agent

  /** Throws when the environment names a proxy that is none. */
  constructor(target: HostPort, { times = {}, env = process.env, ca }: ClientOptions = {}) {
    this.#target = target
    this.#peer = formatHostPort(target)
    this.#times = { ...usualTimes, ...times }
    this.#ca = ca
    this.#proxy = proxyFor(target, env)
    this.#agent = this.#newAgent()
  }

  /**
   * Rejects with a sentence for a person when no answer came: `NotSent` when nothing went out; otherwise, `Overdue` or not, it
   * is not known whether the request arrived. The next one has a new connection then.
   */
  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { answerMs } = this.#times
    return new Promise((resolve, reject) => {
      const { host, port } = this.#target
      let isConnected = false
      const posted = request({
        method: 'POST',
        host,
        port,
        path,
        agent: this.#agent,
        signal,
        headers: { ...headers, 'content-length': String(body.length) },
      })
      const timer = setTimeout(
        () => posted.destroy(new Overdue(`no answer from ${this.#peer} within ${answerMs / 1000} s`)),
        answerMs,
      )
      const fail = (error: Error): void => {
        clearTimeout(timer)
        // What befell this one is likely to have befallen others on its way: those that are idle are left to themselves.
        this.#agent = this.#newAgent()
        const told = (): Error => new (isConnected ? Error : NotSent)(this.#reason(error))
        reject(error instanceof Overdue ? error : told())
      }
      posted.on('socket', () => {
        isConnected = true
      })
      posted.on('error', fail)
      posted.on('response', (response) => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('data', (chunk: Buffer) => {
          if (length < longestText) chunks.push(chunk)
          length += chunk.length
        })
        response.on('error', fail)
        response.on('end', () => {
          clearTimeout(timer)
          const text = Buffer.concat(chunks).toString('utf8').slice(0, longestText)
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
        })
      })
      posted.end(body)
    })
  }

  /** Ends idle connections, and those in use with their answer. */
  close(): void {
    this.#agent.destroy()
  }

  #newAgent(): Agent {
    const agent = new Agent({ keepAlive: true, timeout: this.#times.idleMs, minVersion: 'TLSv1.2' })
    const connect = (
      _options: unknown,
      made: (error: Error | null, socket?: TLSSocket) => void,
    ): undefined => {
      this.#connect().then(
        (socket) => made(null, socket),
        (error: Error) => made(error),
      )
    }
    return Object.assign(agent, { createConnection: connect })
  }

  async #connect(): Promise<TLSSocket> {
    const { host, port } = this.#target
    const { connectMs } = this.#times
    const via: Socket | undefined =
      this.#proxy === null ? undefined : await tunnel(this.#proxy, this.#target, connectMs)
    return new Promise((resolve, reject) => {
      const isName = /[a-z]/i.test(host) && !host.includes(':')
      const socket = connectTls({
        host,
        port,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
        ...(this.#ca !== undefined && { ca: this.#ca }),
        ...(isName && { servername: host }),
        ...(via && { socket: via }),
      })
      const timer = setTimeout(
        () => socket.destroy(new Error(`no connection with ${this.#peer} within ${connectMs / 1000} s`)),
        connectMs,
      )
      const fail = (error: Error): void => {
        clearTimeout(timer)
        reject(error)
      }
      socket.once('error', fail)
      socket.once('secureConnect', () => {
        clearTimeout(timer)
        socket.off('error', fail)
        socket.setKeepAlive(true, 30_000)
        resolve(socket)
      })
    })
  }

  #reason(error: Error): string {
    const { message } = error
    if (message.startsWith('no ') || message.startsWith('the proxy ')) return message
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (untrusted.has(code)) {
      return (
        `${this.#peer} has no trusted chain (${plain(message)}): where a proxy looks into TLS, name its authority in ` +
        'NODE_EXTRA_CA_CERTS'
      )
    }
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
      return `the certificate of ${this.#peer} is not for it: ${plain(message)}`
    return reasonFor(error, this.#peer, 'open')
  }
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
