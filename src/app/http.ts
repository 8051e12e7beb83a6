/** What an instance tells over HTTP, when its configuration says so. */
import type { SecureContextOptions } from 'node:tls'
import type { Config } from '../config/schema.ts'
import type { Log } from '../flow/log.ts'
import { readListen } from '../http/listen-address.ts'
import type { HttpListener } from '../http/listener.ts'
import type { HttpRoute } from '../http/routes.ts'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { Mistaken } from '../mistakes/words.ts'
import { readCredentials } from '../network/credentials.ts'

/** Its certificate and key; undefined for plain HTTP. Throws a `ProblemsError` by setting, such as `tls.cert`. */
export function httpCredentials({ http }: Pick<Config, 'http'>): SecureContextOptions | undefined {
  return http?.tls === undefined ? undefined : readCredentials(http.tls)
}

/**
 * Listens as the configuration says; undefined when it says nothing. Throws a `ProblemsError` when the address can't be
 * had, or the certificate.
 */
async function openHttp(
  config: Config,
  routes: readonly HttpRoute[],
  log: Log,
): Promise<HttpListener | undefined> {
  const { http, placeOf } = config
  if (http === undefined) return undefined
  const { listen, token, allowedHosts } = http
  const address = readListen(listen)
  if (address instanceof Mistaken) throw address // the schema has let it pass
  try {
    const tls = httpCredentials(config)
    // Loaded for who wants it: it would be felt at every start.
    const { HttpListener } = await import('../http/listener.ts')
    const listener = await HttpListener.open({ address, tls, token, allowedHosts, routes, log })
    log.info('Listening for HTTP', { url: listener.url, needsToken: token !== undefined })
    return listener
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw error
    const where = placeOf(['http', 'listen'])
    throw new ProblemsError([{ where, ...reason }], ExitCode.failed)
  }
}

/** What is listened to for HTTP, which a reload may change. */
export class HttpDoor {
  readonly #routes: readonly HttpRoute[]
  readonly #log: Log
  #config: Config
  #listener: HttpListener | undefined

  private constructor(config: Config, routes: readonly HttpRoute[], log: Log) {
    this.#config = config
    this.#routes = routes
    this.#log = log
  }

  /** Opened as `openHttp` does, and throws as it does. */
  static async open(config: Config, routes: readonly HttpRoute[], log: Log): Promise<HttpDoor> {
    const door = new HttpDoor(config, routes, log)
    door.#listener = await openHttp(config, routes, log)
    return door
  }

  /** From now on it is as the configuration says. Throws as `openHttp` does, and then it is as it was. */
  async change(config: Config): Promise<void> {
    const before = this.#listener
    // Two can't have one port, be it of one address and of all.
    const isInTheWay = before !== undefined && before.port === portOf(config)
    if (isInTheWay) await before.close()
    try {
      this.#listener = await openHttp(config, this.#routes, this.#log)
    } catch (error) {
      if (isInTheWay) this.#listener = await openHttp(this.#config, this.#routes, this.#log)
      throw error
    }
    this.#config = config
    if (!isInTheWay) await before?.close()
  }

  async close(): Promise<void> {
    await this.#listener?.close()
  }
}

function portOf({ http }: Config): number | undefined {
  const address = http === undefined ? undefined : readListen(http.listen)
  return address instanceof Mistaken ? undefined : address?.port
}

/** Why an address can't be had, by the error of the system. */
const reasons: Readonly<Record<string, { readonly message: string; readonly remedy: string }>> = {
  EADDRINUSE: {
    message: 'is taken: another program listens there',
    remedy:
      'choose another port, or end that program (ss -ltnp, on Windows netstat -ano, tell which one it is)',
  },
  EADDRNOTAVAIL: {
    message: 'is no address of this machine',
    remedy:
      'choose one of its own (ip address, on Windows ipconfig, tell which those are), or 0.0.0.0 for all',
  },
  EACCES: {
    message: 'needs rights that the account has not: ports below 1024 are for root',
    remedy: 'choose a port above 1023',
  },
  ENOTFOUND: { message: 'has a name that has no address', remedy: 'write an IP address of this machine' },
}
