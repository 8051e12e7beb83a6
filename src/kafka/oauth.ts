/**
 * Tokens by which an application signs in, from the authority of an organisation (OAuth 2.0, client credentials: RFC 6749, 4.4),
 * such as Microsoft Entra, Okta or Keycloak.
 */
import { Agent, request } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { plain, reasonFor } from '../network/reasons.ts'

/** Who asks, and where. */
export interface Application {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string | undefined
}

/** Why there is no token; `isRefused`: the authority has said so, and would say it again. */
export class NoToken extends Error {
  readonly isRefused: boolean

  constructor(reason: string, isRefused: boolean) {
    super(reason)
    this.isRefused = isRefused
  }
}

const answerMs = 15_000
const longestText = 65_536
/** Without a word on how long it is good, it is asked for each time. */
const marginShare = 0.2

/** Gives tokens. */
export interface Tokens {
  /** The same one again as long as it is good for a while. Rejects with a `NoToken`. */
  get(): Promise<string>
  /** The last one was not accepted. */
  forget(): void
}

/**
 * Those of an application. `trust`: authorities of certificates, where those that
 * Node.js brings along are not meant; proxies are those of the environment.
 */
export function tokensFor(application: Application, trust: SecureContextOptions): Tokens {
  let known: { readonly token: string; readonly untilMs: number } | undefined
  let asked: Promise<string> | undefined
  const ask = async (): Promise<string> => {
    const askedMs = Date.now()
    const { token, seconds } = await askFor(application, trust)
    known = { token, untilMs: askedMs + seconds * 1000 * (1 - marginShare) }
    return token
  }
  return {
    get() {
      if (known !== undefined && Date.now() < known.untilMs) return Promise.resolve(known.token)
      asked ??= ask().finally(() => {
        asked = undefined
      })
      return asked
    },
    forget() {
      known = undefined
    },
  }
}

async function askFor(
  application: Application,
  trust: SecureContextOptions,
): Promise<{ readonly token: string; readonly seconds: number }> {
  const { host } = new URL(application.url)
  const no = (reason: string, isRefused: boolean) =>
    new NoToken(`no token from ${host}: ${reason}`, isRefused)
  let answer: { readonly status: number; readonly text: string }
  try {
    answer = await post(application, trust)
  } catch (error) {
    throw no(error instanceof Error ? reasonFor(error, host, 'handshake') : String(error), false)
  }
  const said = objectIn(answer.text)
  if (answer.status !== 200) {
    const { error, error_description: description } = said
    const words = [error, description].filter((word) => typeof word === 'string').join(', ')
    const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429
    // Entra puts ids and times of the request behind it, which differ each time.
    const [line = ''] = words.replace(/[\s-]*(?:Trace ID|Correlation ID|Timestamp):.*$/is, '').split(/\r?\n/)
    throw no(
      `it answered ${answer.status}${line === '' ? '' : ` (${plain(line, 300)})`}` +
        (isRefused ? '; compare kafka.sasl.oauth with the application there' : ''),
      isRefused,
    )
  }
  const { access_token: token, expires_in: seconds } = said
  if (typeof token !== 'string' || token === '' || /[^\x21-\x7e]/.test(token)) {
    throw no('its answer holds none', true)
  }
  return { token, seconds: Number.isFinite(Number(seconds)) ? Number(seconds) : 0 }
}

function post(
  { url, clientId, clientSecret, scope }: Application,
  trust: SecureContextOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
  }).toString()
  const credentials = [clientId, clientSecret].map(encodeURIComponent).join(':')
  return new Promise((resolve, reject) => {
    const agent = new Agent({ ...trust, ...proxies() })
    const asked = request(url, {
      method: 'POST',
      agent,
      signal: AbortSignal.timeout(answerMs),
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      },
    })
    const end = (failed: Error | null, answer?: { readonly status: number; readonly text: string }): void => {
      agent.destroy()
      if (failed !== null || answer === undefined) reject(failed)
      else resolve(answer)
    }
    asked.on('error', (error) => end(error.name === 'TimeoutError' ? new Error('no answer in time') : error))
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        if (text.length < longestText) text += part
      })
      response.on('error', (error) => end(error))
      response.on('end', () => end(null, { status: response.statusCode ?? 0, text }))
    })
    asked.end(body)
  })
}

/** Node.js knows by itself since 22.21 what HTTPS_PROXY and NO_PROXY mean, which the client of Kafka needs anyway. */
function proxies(): object {
  return { proxyEnv: process.env }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}
