/** Answers over HTTP or HTTPS what its routes say, to those who may ask. Bounded whatever comes. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SecureContextOptions } from 'node:tls'
import type { Log } from '../flow/log.ts'
import { readBody } from './body.ts'
import { Guard } from './guard.ts'
import { formatListen, type ListenAddress } from './listen-address.ts'
import { type HttpAnswer, type HttpRequest, type HttpRoute, json, refusal } from './routes.ts'

/** What a listener is made of. */
export interface ListenerOptions {
  readonly address: ListenAddress
  /** Certificate and key; plain HTTP without them. */
  readonly tls?: SecureContextOptions | undefined
  readonly token?: string | undefined
  /** Names that it may be asked for by, beside that of the address, localhost and IP addresses. */
  readonly allowedHosts: readonly string[]
  readonly routes: readonly HttpRoute[]
  readonly log: Log
}

/** Enough for pages, probes and several Prometheus servers; more are turned away. */
const mostConnections = 64

const limits = {
  maxHeaderSize: 8192,
  /** For the headers, and for all of a question. */
  headersTimeout: 5000,
  requestTimeout: 10_000,
  /** Longer than from one scrape to the next, as they usually are. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
  noDelay: true,
} as const
const handshakeTimeout = 5000
/** A peer that takes nothing for so long has gone. */
const idleMs = 75_000

/**
 * On every answer. No Strict-Transport-Security: it would be for all that the host serves, whoever does. Routes with a page
 * say what that page needs in place of the policy.
 */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const

/** A listener at work. */
export class HttpListener {
  readonly #options: ListenerOptions
  readonly #guard: Guard
  readonly #server: ReturnType<typeof createServer> | ReturnType<typeof createSecureServer>
  /** Of the questions that are being answered. */
  readonly #answering = new Set<AbortController>()

  private constructor(options: ListenerOptions) {
    const { address, tls, token, allowedHosts } = options
    this.#options = options
    this.#guard = new Guard({ hosts: [address.host, ...allowedHosts], token })
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response)
    this.#server =
      tls === undefined
        ? createServer(limits, handle)
        : createSecureServer({ ...limits, ...tls, handshakeTimeout }, handle)
    this.#server.maxConnections = mostConnections
    this.#server.setTimeout(idleMs)
  }

  /** Resolves when it listens; rejects with the error of the system when it can't. */
  static async open(options: ListenerOptions): Promise<HttpListener> {
    const listener = new HttpListener(options)
    const { host, port } = options.address
    listener.#server.listen({ host, port })
    await once(listener.#server, 'listening')
    listener.#server.on('error', (error) => options.log.warn('HTTP has an error', { error: error.message }))
    return listener
  }

  /** Which port it has, also when any was asked for. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Where it is reached: `http://127.0.0.1:9464`. */
  get url(): string {
    const scheme = this.#options.tls === undefined ? 'http' : 'https'
    return `${scheme}://${formatListen({ host: this.#options.address.host, port: this.port })}`
  }

  /** Ends at once, with all connections. */
  async close(): Promise<void> {
    for (const gone of this.#answering) gone.abort()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    const end = (): void => gone.abort()
    response.on('close', end)
    this.#answering.add(gone)
    try {
      const answer = await this.#answer(request, gone.signal)
      // What was not read of a question would be taken for the next one.
      if (!request.complete) response.setHeader('Connection', 'close')
      await send(response, answer, request.method === 'HEAD')
    } catch (error) {
      // Whoever asked has gone, or a route has a fault that nobody else will tell.
      if (!gone.signal.aborted) {
        const path = request.url?.split('?', 1)[0]
        const said = error instanceof Error ? error.stack : String(error)
        this.#options.log.error('An answer over HTTP failed', { path, error: said })
      }
      if (response.headersSent) response.destroy()
      else await send(response, json({ error: 'the answer failed; the own log says why' }, 500), false)
    } finally {
      response.off('close', end)
      this.#answering.delete(gone)
    }
  }

  async #answer(request: IncomingMessage, gone: AbortSignal): Promise<HttpAnswer> {
    const refused = this.#guard.refuses(request)
    if (refused !== null) return refused
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2)
    const here = this.#options.routes.filter((route) => route.path === path)
    if (here.length === 0) return refusal(404, 'is not here', `ask for ${this.#paths()}`)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const route = here.find((each) => each.method === method)
    if (route === undefined) {
      const allowed = here.map((each) => (each.method === 'GET' ? 'GET, HEAD' : each.method)).join(', ')
      return { ...refusal(405, 'takes no such method', `use ${allowed}`), headers: { Allow: allowed } }
    }
    const knows = this.#guard.knows(request)
    const refusedAccess = this.#refusesAccess(route, knows, request)
    if (refusedAccess !== null) return refusedAccess
    const read = route.method === 'POST' ? await readBody(request) : { body: undefined }
    if ('refused' in read) return read.refused
    const asked: HttpRequest = {
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: request.headers,
      body: read.body,
      isKnown: knows ?? true,
      from: request.socket.remoteAddress ?? 'an address that is gone',
      signal: gone,
    }
    return route.handler(asked)
  }

  #refusesAccess({ access }: HttpRoute, knows: boolean | null, request: IncomingMessage): HttpAnswer | null {
    if (knows === true || access === 'anyone') return null
    if (knows === null) {
      if (access === 'known') return null
      return refusal(403, 'is only for who knows the token, and none is set', 'set http.token')
    }
    // Somebody tries tokens, or has an old one.
    if (request.headers.authorization !== undefined) {
      const from = request.socket.remoteAddress
      this.#options.log.warn('Asked over HTTP with a wrong token', { from })
    }
    return {
      ...refusal(401, 'needs the token', 'send it: Authorization: Bearer …'),
      headers: { 'WWW-Authenticate': 'Bearer realm="msgtrk"' },
    }
  }

  #paths(): string {
    return [...new Set(this.#options.routes.map(({ path }) => path))].join(', ')
  }
}

async function send(response: ServerResponse, answer: HttpAnswer, isHead: boolean): Promise<void> {
  const { status, type, body } = answer
  const all = { ...headers, 'Content-Type': type, ...answer.headers }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    response.writeHead(status, { ...all, 'Content-Length': Buffer.byteLength(body) })
    response.end(isHead ? undefined : body)
    return
  }
  response.writeHead(status, all)
  if (isHead) response.end()
  else await pipeline(Readable.from(body), response)
}
