/** What is asked over HTTP and what is answered: the nouns that routes are made of. */

/**
 * Who may ask. `anyone` also without the token, and is told little then; `known` needs the token where one is set;
 * `token` needs it always, so without one in the settings nobody may.
 */
type Access = 'anyone' | 'known' | 'token'

/** What was asked for, and let in; a handler of the control socket takes it as well. */
export interface HttpRequest {
  /** Behind the `?` of the path; of several values of one name the last. */
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** What a POST brought along, as JSON; undefined when it brought nothing. */
  readonly body: unknown
  /** May be told all: it came with the token, or none is set and only this machine reaches the address. */
  readonly isKnown: boolean
  /** Address of who asked, or of a proxy. */
  readonly from: string
  /** Aborts when whoever asked has gone, or the listener closes. */
  readonly signal: AbortSignal
}

/** What goes back. */
export interface HttpAnswer {
  readonly status: number
  readonly type: string
  /** Parts are sent as they come, each when the one before was taken; they end when `signal` aborts. */
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array>
  /** Beside those of every answer, or in their place. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One question that can be asked. */
export interface HttpRoute {
  /** `GET` also answers HEAD. A `POST` steers. */
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly access: Access
  handler(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>
}

/** An answer for programs. */
export function json(value: unknown, status = 200): HttpAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}

const written = new WeakMap<object, HttpAnswer>()

/** As `json`, for a value that many ask for and that changes no more: it is written once for all of them. */
export function sharedJson(value: object): HttpAnswer {
  const known = written.get(value)
  if (known !== undefined) return known
  const { body, ...rest } = json(value)
  const answer = { ...rest, body: Buffer.from(body as string) }
  written.set(value, answer)
  return answer
}

/** What is wrong with a question, and the remedy. */
export function refusal(status: number, error: string, remedy: string): HttpAnswer {
  return json({ error, remedy }, status)
}
