/** The proxy that the environment names for a host, as other programs take it from there, and a way through it. */
import { type RequestOptions as HttpOptions, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'

/** What the variables are read from. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The proxy on the way to a host over HTTPS; null for none. Throws when it is named by what is no address. */
export function proxyFor({ host, port }: HostPort, env: Environment = process.env): URL | null {
  const named = variable(env, 'HTTPS_PROXY') ?? variable(env, 'ALL_PROXY') ?? variable(env, 'HTTP_PROXY')
  if (named === undefined || isExcepted(host.toLowerCase(), port, variable(env, 'NO_PROXY') ?? ''))
    return null
  const text = named.includes('://') ? named : `http://${named}`
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    // It may hold a password.
    throw new Error('the environment names a proxy for HTTPS that is no http:// address: check HTTPS_PROXY')
  }
  return new URL(text)
}

/** A connection to a host by way of a proxy. Rejects with an error that names the proxy. */
export function tunnel(proxy: URL, target: HostPort, timeoutMs: number): Promise<Socket> {
  const by = proxy.host
  const { promise, resolve, reject } = deferred<Socket>()
  const options: HttpOptions = {
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
    path: formatHostPort(target),
    headers: { host: formatHostPort(target), ...authorisation(proxy) },
    agent: false,
    timeout: timeoutMs,
  }
  const request = proxy.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
  request.on('connect', ({ statusCode = 0 }, socket) => {
    if (statusCode === 200) return resolve(socket)
    socket.destroy()
    const hint = statusCode === 407 ? ': it asks for a user and password, which HTTPS_PROXY may hold' : ''
    reject(new Error(`the proxy ${by} answered ${statusCode}${hint}`))
  })
  // A proxy that knows no CONNECT answers as to any request.
  request.on('response', ({ statusCode }) => {
    request.destroy()
    reject(new Error(`the proxy ${by} answered ${statusCode ?? 0}`))
  })
  request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)))
  request.on('error', (error) => reject(new Error(`the proxy ${by} can't be used: ${error.message}`)))
  request.end()
  return promise
}

function authorisation({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function variable(env: Environment, name: string): string | undefined {
  return env[name.toLowerCase()] || env[name] || undefined
}

/** `host`, `host:port`, `.domain` and `domain` for all below it, `*` for all. */
function isExcepted(host: string, port: number, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      if (only !== undefined && Number(only) !== port) return false
      const domain = name.replace(/^\*?\./, '')
      return host === domain || host.endsWith(`.${domain}`)
    })
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}
