/**
 * Who is let in. A listener on this machine is reached by every web page that runs in a browser on it: by its address,
 * which a page may send to though not read from, and by a name of the page's own that its author lets point here (DNS
 * rebinding), under which it may read, too. So the name that was asked for has to be one of ours, and what a browser says
 * of where a question comes from has to be ourselves.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'
import { type HttpAnswer, refusal } from './routes.ts'

/** What a guard goes by. */
export interface GuardOptions {
  /** Beside IP addresses and localhost, names that it may be asked for by. */
  readonly hosts: readonly string[]
  readonly token?: string | undefined
}

/** Judges questions before anything answers them. */
export class Guard {
  readonly #hosts: ReadonlySet<string>
  readonly #token: Buffer | undefined

  constructor({ hosts, token }: GuardOptions) {
    this.#hosts = new Set(['localhost', ...hosts].map(folded))
    this.#token = token === undefined ? undefined : digest(token)
  }

  /** Why nothing that comes so is answered; null when it may be. */
  refuses({ method, headers }: IncomingMessage): HttpAnswer | null {
    const { host = '', origin } = headers
    if (!this.#isOurs(host)) {
      return refusal(421, 'asked for by a name that is not known here', 'add the name to http.allowedHosts')
    }
    // A page elsewhere may lead here, and do nothing more.
    const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers
    const isElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none'
    const isLink = method === 'GET' && mode === 'navigate' && dest === 'document'
    // Older browsers send only the origin. A proxy before us may be the one that does HTTPS.
    const isForeign = origin !== undefined && hostOf(origin) !== host.toLowerCase()
    if ((isElsewhere && !isLink) || isForeign || (method === 'POST' && site === 'none')) {
      return refusal(403, 'asked for by a page of another site', 'ask from the page of msgtrk itself')
    }
    return null
  }

  /** Whether it came with the token: false with another one or without, null when none is set. */
  knows({ headers: { authorization = '' } }: IncomingMessage): boolean | null {
    if (this.#token === undefined) return null
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
    // Digests have one length and take one time to compare, whatever was sent.
    return token !== undefined && timingSafeEqual(digest(token), this.#token)
  }

  #isOurs(host: string): boolean {
    const [, ipv6, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host) ?? []
    // A name can be made to point here, an address can't.
    return ipv6 === undefined ? isIPv4(name) || this.#hosts.has(folded(name)) : isIPv6(ipv6)
  }
}

function hostOf(origin: string): string {
  return origin.toLowerCase().replace(/^https?:\/\//, '')
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function folded(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
