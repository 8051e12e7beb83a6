/**
 * The control socket: over it commands ask and steer the running instance, in HTTP with JSON. Only the account that the
 * instance runs as can open it (and root), so it asks for no token. Whatever comes over it is bounded in size, time and
 * number; nothing of it can hold up delivery.
 */
import { chmodSync } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isMainThread } from 'node:worker_threads'
import type { Log } from '../flow/log.ts'
import type { Problem } from '../mistakes/problem.ts'
import { fits, privateAddress, removeLeftovers, removePrivate, socketIn, writePointer } from './address.ts'
import type { ControlAnswer, ControlRoute, Refusal } from './routes.ts'

const maxBodyBytes = 64 * 1024
const maxHeaderBytes = 8 * 1024
const maxConnections = 32
/** How long a request may take to come, and an answer to be taken on. */
const requestMs = 5_000
const answerMs = 10_000

/** What it works with. */
export interface ControlOptions {
  /** The state folder, held by this process. */
  readonly state: string
  readonly routes: readonly ControlRoute[]
  readonly log: Log
}

/** The open socket. */
export interface Control {
  /** Where it is. */
  readonly address: string
  /** The state folder was removed and made again: the socket is made again, too. */
  remake(): Promise<void>
  /** Ends what is still being answered; never rejects. */
  close(): Promise<void>
}

/** Opens it; null, and a warning in the log, where there can be none: delivery does not depend on it. */
export async function openControl(options: ControlOptions): Promise<Control | null> {
  const control = new ControlSocket(options)
  return (await control.open()) ? control : null
}

class ControlSocket implements Control {
  readonly #options: ControlOptions
  readonly #closing = new AbortController()
  #server: Server | undefined
  #address = ''
  /** Tells the socket of this process from one that another has made in its place. */
  #inode: bigint | null = null
  #opening: Promise<boolean> | undefined

  constructor(options: ControlOptions) {
    this.#options = options
  }

  get address(): string {
    return this.#address
  }

  open(): Promise<boolean> {
    this.#opening = this.#open()
    return this.#opening
  }

  async remake(): Promise<void> {
    await this.#opening
    if (this.#closing.signal.aborted) return
    await this.#close()
    await this.open()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#opening
    await this.#close()
  }

  async #open(): Promise<boolean> {
    const { state, log } = this.#options
    try {
      await removeLeftovers(state)
      const server = this.#createServer()
      this.#address = (await this.#listenIn(state, server)) ?? (await this.#listenElsewhere(state, server))
      this.#server = server
      log.debug('Commands can ask this instance', { socket: this.#address })
      return true
    } catch (error) {
      log.warn(
        'The control socket can not be opened: "msgtrk status" and the like will not find this instance',
        {
          state,
          error: error instanceof Error ? error.message : String(error),
          remedy: 'put the state folder on a local disk, under a shorter path',
        },
      )
      return false
    }
  }

  /** The socket's path, or null where the folder can't have one. */
  async #listenIn(state: string, server: Server): Promise<string | null> {
    const socket = socketIn(state)
    const unready = `${socket}.new`
    if (process.platform === 'win32' || !fits(unready)) return null
    try {
      await listen(server, unready)
      // Ready when it has its name: until then nobody knocks in vain.
      await rename(unready, socket)
    } catch {
      await closed(server)
      await rm(unready, { force: true }).catch(() => undefined)
      return null
    }
    this.#inode = await inodeOf(socket)
    return socket
  }

  async #listenElsewhere(state: string, server: Server): Promise<string> {
    const address = await privateAddress()
    try {
      await listen(server, address)
      await writePointer(state, address)
      return address
    } catch (error) {
      await closed(server)
      await removePrivate(address)
      throw error
    }
  }

  async #close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const { state } = this.#options
    const socket = socketIn(state)
    // Another process may have taken the folder while this one was suspended.
    const isOurs = this.#inode !== null && (await inodeOf(socket)) === this.#inode
    const isElsewhere = this.#address !== socket
    this.#inode = null
    server.closeAllConnections()
    await closed(server)
    if (isOurs) await rm(socket, { force: true }).catch(() => undefined)
    // The pointer stays: who follows it finds nobody there, and the next one to hold the folder removes it.
    if (isElsewhere) await removePrivate(this.#address)
  }

  #createServer(): Server {
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: 1_000,
        keepAlive: false,
      },
      (request, response) => void this.#answer(request, response),
    )
    server.maxConnections = maxConnections
    server.maxRequestsPerSocket = 1
    server.on('error', () => {})
    server.on('clientError', (_error, socket) => socket.destroy())
    return server
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    response.on('error', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, this.#closing.signal])
    try {
      const answer = await this.#answerTo(request, signal)
      if (answer === null) {
        response.destroy()
        return
      }
      if ('lines' in answer) await sendLines(response, answer.lines, signal)
      else if ('value' in answer) send(response, 200, answer.value)
      else if ('refused' in answer) send(response, answer.refused, { problems: answer.problems })
      else send(response, 422, { problems: answer.problems } satisfies Refusal)
    } catch (error) {
      if (signal.aborted) {
        response.destroy()
        return
      }
      // A mistake in this program must not stop delivery.
      this.#options.log.error('A question over the control socket failed unexpectedly', {
        path: pathOf(request),
        error: error instanceof Error ? error.stack : String(error),
      })
      if (response.headersSent) response.destroy()
      else send(response, 500, refusal('msgtrk', 'failed unexpectedly; its own log says more'))
    }
  }

  /** Null when who asked has gone before the end of the question. */
  async #answerTo(request: IncomingMessage, signal: AbortSignal): Promise<ControlAnswer | Refused | null> {
    const path = pathOf(request)
    const routes = this.#options.routes.filter((route) => route.path === path)
    const route = routes.find(({ method }) => method === request.method)
    if (route === undefined) {
      return routes.length === 0
        ? refused(
            404,
            path,
            'is nothing that this instance can be asked for',
            'use the same version of msgtrk',
          )
        : refused(405, path, `is not asked for with ${request.method}`)
    }
    const body = await readBody(request).catch(() => undefined)
    if (body === undefined) return null
    if (body === null) return refused(413, path, `has a body of more than ${maxBodyBytes} bytes`)
    const json = parsed(body)
    if (json === null) return refused(400, path, 'has a body that is no JSON')
    const query = Object.fromEntries(new URL(request.url ?? '', 'http://msgtrk').searchParams)
    return route.handler({ query, body: json.value, signal })
  }
}

interface Refused extends Refusal {
  readonly refused: number
}

function refused(status: number, where: string, message: string, remedy?: string): Refused {
  return { refused: status, ...refusal(where, message, remedy) }
}

function refusal(where: string, message: string, remedy?: string): { readonly problems: readonly Problem[] } {
  return { problems: [{ where, message, ...(remedy !== undefined && { remedy }) }] }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? ''
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    bytes += (part as Buffer).length
    if (bytes > maxBodyBytes) return null
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parsed(body: string): { readonly value: unknown } | null {
  if (body === '') return { value: undefined }
  try {
    return { value: JSON.parse(body) }
  } catch {
    return null
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = `${JSON.stringify(value)}\n`
  response.socket?.setTimeout(answerMs, () => response.destroy())
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  })
  response.end(text)
}

/** The next line is made when the one before is on its way: who reads slowly gets fewer, and nothing piles up. */
async function sendLines(
  response: ServerResponse,
  lines: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', Connection: 'close' })
  response.flushHeaders()
  for await (const line of lines) {
    if (signal.aborted) break
    if (!response.write(`${JSON.stringify(line)}\n`)) await drained(response)
  }
  response.end()
}

/** Resolves when there is room again, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), answerMs)
    const done = (): void => {
      clearTimeout(timer)
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
    if (response.destroyed) done()
  })
}

/**
 * Listens where only this account can knock, from the first moment: the mask of the process takes the rights of others
 * while the socket is made, which happens before `listen` returns. The owner keeps those that make a folder usable, since
 * another thread may make one meanwhile.
 */
async function listen(server: Server, address: string): Promise<void> {
  const hasMode = process.platform !== 'win32'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const mask = hasMode && isMainThread ? process.umask(0o077) : undefined
    try {
      server.listen(address, () => {
        server.off('error', reject)
        resolve()
      })
      if (hasMode && server.listening) chmodSync(address, 0o600)
    } finally {
      if (mask !== undefined) process.umask(mask)
    }
  })
  // Delivery keeps the process alive, not who may ask about it.
  server.unref()
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

async function inodeOf(path: string): Promise<bigint | null> {
  return lstat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => null,
  )
}
