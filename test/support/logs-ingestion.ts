/**
 * A stand-in for the Logs Ingestion API of Azure Monitor and for the sign-in of Microsoft Entra, on one port. It keeps to
 * what is documented: statuses, limits, what is dropped and cut without a word, times that are replaced.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type Certificate, makeAuthority, makeCertificate } from './certificates.ts'
import { freePort } from './free-port.ts'
import { Changes } from './until.ts'

export type StoredRow = Readonly<Record<string, unknown>>

/** What happens to a post: a status with headers and an error code, nothing at all, or an end without an answer. */
export type Fault =
  | { readonly status: number; readonly code?: string; readonly headers?: Readonly<Record<string, string>> }
  | 'no answer'
  | 'reset'
  /** The rows are stored, and nobody hears of it. */
  | 'reset when stored'

/** A post that came, before anything is said of it. */
export interface Post {
  /** From 0. */
  readonly number: number
  /** Undefined when it is no JSON. */
  readonly rows: unknown
  readonly bytes: number
}

export interface LogsIngestionOptions {
  readonly columns?: readonly string[]
  /** Undefined: it is taken. */
  readonly faults?: (post: Post) => Fault | undefined
  /** Before each answer. */
  readonly latencyMs?: number
  readonly stream?: string
}

export const rule = `dcr-${'0123456789abcdef'.repeat(2)}`
export const tenant = '11111111-2222-3333-4444-555555555555'
export const client = '66666666-7777-8888-9999-000000000000'
const mebibyte = 1_048_576
const mostValueBytes = 65_536
const twoDaysMs = 172_800_000

/** Made once. */
let made:
  | Promise<{ readonly authority: Certificate; readonly cert: string; readonly key: string }>
  | undefined

function certificates(): NonNullable<typeof made> {
  made ??= makeAuthority().then(async (authority) => ({
    authority,
    ...(await makeCertificate({ authority })),
  }))
  return made
}

export class LogsIngestion {
  readonly rows: StoredRow[] = []
  readonly posts: Post[] = []
  /** Most posts that were under way at a time, and connections that were made. */
  mostAtOnce = 0
  connections = 0
  /** What was dropped or changed without a word. */
  readonly silently = { columns: 0, cut: 0, times: 0, noArray: 0 }
  readonly tokens = new Set<string>()
  faults: NonNullable<LogsIngestionOptions['faults']>
  readonly #authority: Certificate
  readonly #server: Server
  readonly #options: LogsIngestionOptions
  readonly #changes = new Changes()
  /** Those below TLS, by the port of the peer. */
  readonly #sockets = new Map<number | undefined, Socket>()
  #atOnce = 0

  private constructor(server: Server, authority: Certificate, options: LogsIngestionOptions) {
    this.#server = server
    this.#authority = authority
    this.#options = options
    this.faults = options.faults ?? (() => undefined)
    server.on('request', (request, response) => void this.#take(request, response))
    server.on('connection', (socket: Socket) => {
      const { remotePort } = socket
      this.connections++
      this.#sockets.set(remotePort, socket)
      socket.on('close', () => this.#sockets.delete(remotePort))
    })
    server.on('tlsClientError', () => {})
  }

  /** Listens on a port of loopback. */
  static async open(options: LogsIngestionOptions = {}): Promise<LogsIngestion> {
    const { authority, cert, key } = await certificates()
    const server = createServer({ cert, key })
    const standIn = new LogsIngestion(server, authority, options)
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return standIn
  }

  /** PEM of the authority to trust. */
  get ca(): string {
    return this.#authority.cert
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Its address as a destination. */
  get to(): string {
    return this.toBy(this.port)
  }

  /** The same by way of something else that listens there. */
  toBy(port: number): string {
    return `sentinel://localhost:${port}/${rule}/${this.#stream}`
  }

  /** The variables by which the program signs in here. */
  get identity(): Readonly<Record<string, string>> {
    return {
      AZURE_AUTHORITY_HOST: `https://localhost:${this.port}`,
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: client,
      AZURE_CLIENT_SECRET: 'open sesame',
    }
  }

  /** Resolves when so many rows are stored. */
  has(rows: number): Promise<void> {
    return this.#changes.until(
      () => `${rows} rows, of which ${this.rows.length} came`,
      () => this.rows.length >= rows,
    )
  }

  /** Resolves when so many posts came. */
  hasPosts(posts: number): Promise<void> {
    return this.#changes.until(
      () => `${posts} posts, of which ${this.posts.length} came`,
      () => this.posts.length >= posts,
    )
  }

  breakConnections(): void {
    for (const socket of this.#sockets.values()) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets.values()) socket.destroy()
    await closed
  }

  get #stream(): string {
    return this.#options.stream ?? 'Custom-MessageTrackingLog_CL'
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(request.url ?? '/', 'https://localhost')
    if (!url.pathname.startsWith('/dataCollectionRules/')) return this.#signIn(url, response)
    this.#atOnce++
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce)
    const { latencyMs = 0 } = this.#options
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs))
    this.#atOnce--
    const fate = this.#fateOf(request, url, body)
    if (typeof fate === 'object') {
      const { status, code, headers } = fate
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(code && JSON.stringify({ error: { code, message: `said at ${Date.now()}` } }))
    } else if (fate !== 'no answer') {
      this.#sockets.get(request.socket.remotePort)?.resetAndDestroy()
    }
    this.#changes.happened()
  }

  /** What is said of a post, whose rows are stored where they are taken. */
  #fateOf(request: IncomingMessage, url: URL, body: Buffer): Fault {
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const rows = jsonOf(plain)
    const post = { number: this.posts.length, rows, bytes: plain.length }
    this.posts.push(post)
    const fault = this.faults(post)
    if (fault !== undefined && fault !== 'reset when stored') return fault
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const isKnown = token !== undefined && (this.tokens.size === 0 || this.tokens.has(token))
    if (!isKnown) return { status: 401, code: 'InvalidToken' }
    const [, , ofRule, , stream] = url.pathname.split('/')
    if (ofRule !== rule) return { status: 404, code: 'NotFound' }
    if (stream !== this.#stream) return { status: 400, code: 'InvalidStream' }
    if (url.searchParams.get('api-version') !== '2023-01-01')
      return { status: 400, code: 'InvalidApiVersion' }
    if (body.length > mebibyte || plain.length > mebibyte) return { status: 413 }
    if (rows === undefined) return { status: 400, code: 'InvalidPayload' }
    if (Array.isArray(rows)) for (const row of rows) this.rows.push(this.#stored(row as StoredRow))
    else this.silently.noArray++
    return fault ?? { status: 204 }
  }

  /** What becomes of a row when nobody looks. */
  #stored(row: StoredRow): StoredRow {
    const { columns } = this.#options
    const declared = Object.entries(row).filter(([name]) => columns === undefined || columns.includes(name))
    this.silently.columns += Object.keys(row).length - declared.length
    const stored = Object.fromEntries(
      declared.map(([name, value]) => {
        if (typeof value !== 'string' || Buffer.byteLength(value) <= mostValueBytes) return [name, value]
        this.silently.cut++
        return [name, Buffer.from(value).toString('utf8', 0, mostValueBytes)]
      }),
    )
    const time = Date.parse(String(stored.TimeGenerated ?? ''))
    if (Number.isNaN(time) || time < Date.now() - twoDaysMs) {
      this.silently.times++
      stored.TimeGenerated = new Date().toISOString()
    }
    return stored
  }

  #signIn(url: URL, response: ServerResponse): void {
    const base = `https://localhost:${this.port}/${tenant}`
    const token = `token-${this.tokens.size + 1}`
    if (url.pathname.endsWith('/token')) this.tokens.add(token)
    const said = url.pathname.endsWith('/token')
      ? { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600, access_token: token }
      : {
          token_endpoint: `${base}/oauth2/v2.0/token`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          issuer: `${base}/v2.0`,
          jwks_uri: `${base}/discovery/v2.0/keys`,
        }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(said))
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
