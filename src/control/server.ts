/**
 * The control socket: over it commands ask and steer the running instance, in HTTP with JSON. Only the account that the
 * instance runs as can open it (and root), so it asks for no token. Whatever comes over it is bounded in size, time and
 * number; nothing of it can hold up delivery.
 */
import { chmodSync } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { isMainThread } from 'node:worker_threads'
import type { Log } from '../flow/log.ts'
import { fits, privateAddress, removeLeftovers, removePrivate, socketIn, writePointer } from './address.ts'
import { Answers } from './answers.ts'
import type { ControlRoute } from './routes.ts'

const maxHeaderBytes = 8 * 1024
const maxConnections = 32
/** How long a request may take to come. */
const requestMs = 5_000

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
    const answers = new Answers({ ...this.#options, closing: this.#closing.signal })
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: 1_000,
        keepAlive: false,
      },
      (request, response) => void answers.answer(request, response),
    )
    server.maxConnections = maxConnections
    server.maxRequestsPerSocket = 1
    server.on('error', () => {})
    server.on('clientError', (_error, socket) => socket.destroy())
    return server
  }
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
