/** How commands reach the running instance: by the state folder that it holds. */
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { ExitCode, type Problem, ProblemsError } from '../mistakes/problem.ts'
import { findAddress } from './address.ts'
import type { ControlRoute, Refusal } from './routes.ts'

/** A question to the instance. */
export interface Question {
  /** The state folder of the instance. */
  readonly state: string
  readonly method: ControlRoute['method']
  /** With what stands behind its `?`. */
  readonly path: string
  readonly body?: unknown
  /** How long an answer is waited for; 10 seconds by default. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const usualTimeoutMs = 10_000

/**
 * The instance's answer. Throws a `ProblemsError`: with the problems that it answers, or since no instance is running
 * (`ExitCode.notRunning`), or it can't be reached.
 */
export async function ask(question: Question): Promise<unknown> {
  const response = await open(question)
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const part of response) text += part
  } catch (error) {
    throw unreachable(question.state, error as NodeJS.ErrnoException)
  }
  return JSON.parse(text)
}

/** The lines of the instance's answer, as they come; ends with it, or when `signal` aborts. Throws like `ask`. */
export async function* askLines(question: Question): AsyncGenerator<unknown> {
  const response = await open(question)
  try {
    for await (const line of createInterface({ input: response })) yield JSON.parse(line)
  } catch (error) {
    if (question.signal?.aborted) return
    throw unreachable(question.state, error as NodeJS.ErrnoException)
  } finally {
    response.destroy()
  }
}

/** Resolves when an answer begins that is no refusal. */
async function open(question: Question): Promise<IncomingMessage> {
  const { state } = question
  const socketPath = await findAddress(state).catch((error: NodeJS.ErrnoException) => {
    throw unreachable(state, error)
  })
  const response = await send(question, socketPath).catch((error: NodeJS.ErrnoException) => {
    throw unreachable(state, error)
  })
  if (response.statusCode === 200) return response
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  throw new ProblemsError(problemsIn(text, response.statusCode), ExitCode.mistake)
}

function send(
  { method, path, body, timeoutMs = usualTimeoutMs, signal }: Question,
  socketPath: string,
): Promise<IncomingMessage> {
  const json = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const asking = request({
      socketPath,
      method,
      path,
      agent: false,
      ...(signal !== undefined && { signal }),
      headers: {
        Host: 'msgtrk',
        ...(json !== undefined && {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(json),
        }),
      },
    })
    const timer = setTimeout(() => {
      asking.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
    }, timeoutMs)
    asking.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    asking.on('response', (response) => {
      clearTimeout(timer)
      resolve(response)
    })
    asking.end(json)
  })
}

function problemsIn(text: string, status: number | undefined): readonly Problem[] {
  try {
    return (JSON.parse(text) as Refusal).problems
  } catch {
    return [{ where: { argument: 'msgtrk' }, message: `the instance answered with status ${status}` }]
  }
}

/** Why no instance answers, by the error of the system. */
function unreachable(state: string, { code, message }: NodeJS.ErrnoException): ProblemsError {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return problem(state, ExitCode.notRunning, {
        message: 'no instance of msgtrk is running on this state folder',
        remedy:
          'start it with "msgtrk run"; if it runs, name its configuration with --config, or its state folder with --state',
      })
    case 'EACCES':
    case 'EPERM':
      return problem(state, ExitCode.failed, {
        message: 'only the account that msgtrk runs under may ask the instance on this state folder',
        remedy: 'ask as that account, such as with: sudo -u ACCOUNT msgtrk status',
      })
    case 'ETIMEDOUT':
      return problem(state, ExitCode.failed, {
        message: 'the instance on this state folder does not answer',
        remedy: 'look into its own log; if it hangs, stop it and start it again, which loses nothing',
      })
    case 'ECONNRESET':
    case 'EPIPE':
      return problem(state, ExitCode.failed, {
        message: 'the instance on this state folder ended the connection',
        remedy: 'ask again: it may have ended, or been asked by too many at once',
      })
    default:
      return problem(state, ExitCode.failed, { message: `the instance can not be asked: ${message}` })
  }
}

function problem(state: string, exitCode: ExitCode, what: Omit<Problem, 'where'>): ProblemsError {
  return new ProblemsError([{ where: { file: state }, ...what }], exitCode)
}
