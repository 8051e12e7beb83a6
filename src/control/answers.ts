/** Answers of the control socket: a request to its route, and what comes of it back, bounded in size and time. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../flow/log.ts'
import type { Problem } from '../mistakes/problem.ts'
import { visible } from '../mistakes/visible.ts'
import type { ControlAnswer, ControlRoute, Refusal } from './routes.ts'

const maxBodyBytes = 64 * 1024
/** So much of lines is held at most before it is written. */
const heldCharacters = 65_536
/** How long an answer may take to be taken on. */
const answerMs = 10_000

/** What answers are made with. */
export interface AnswerOptions {
  readonly routes: readonly ControlRoute[]
  readonly log: Log
  /** Ends what is still being answered. */
  readonly closing: AbortSignal
}

/** Answers requests by the table of routes. */
export class Answers {
  readonly #options: AnswerOptions

  constructor(options: AnswerOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    response.on('error', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, this.#options.closing])
    try {
      const answer = await this.#answerTo(request, signal)
      if (answer === null) {
        response.destroy()
        return
      }
      if ('lines' in answer) await sendLines(response, answer, signal)
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
  return { problems: [{ where: { argument: where }, message, ...(remedy !== undefined && { remedy }) }] }
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

/**
 * The next line is made when the one before is on its way: who reads slowly gets fewer, and nothing piles up. Lines that come
 * together go out together: a write for each of them would cost more than all else of a tap.
 */
async function sendLines(
  response: ServerResponse,
  { lines, patienceMs = answerMs }: Extract<ControlAnswer, { lines: unknown }>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', Connection: 'close' })
  response.flushHeaders()
  let held = ''
  const flush = (): void => {
    const text = held
    held = ''
    if (text !== '' && !response.destroyed) response.write(text)
  }
  for await (const line of lines) {
    if (signal.aborted) break
    if (held === '') setImmediate(flush)
    // Some take the line ends of Unicode, which JSON lets stand, for the end of a line.
    held += `${visible(JSON.stringify(line))}\n`
    if (held.length >= heldCharacters) flush()
    if (response.writableNeedDrain) await drained(response, patienceMs)
  }
  flush()
  response.end()
}

/** Resolves when there is room again, or nobody reads any more. */
function drained(response: ServerResponse, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), patienceMs)
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
