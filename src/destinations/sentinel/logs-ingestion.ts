/**
 * The Logs Ingestion API of Azure Monitor, version 2023-01-01: `POST …/streams/{stream}`, an array of JSON objects, 1 MB
 * at most. It answers 204 when it has taken all of them; what becomes of them then is seen in Azure only (`DCRLogErrors`).
 */

import type { Listener } from '../../flow/events.ts'
import { plain } from '../../network/reasons.ts'
import type { Answer } from '../https/client.ts'
import type { BatchApi, Verdict } from '../https/http-batches.ts'
import type { RuleAddress } from './address.ts'
import { lateRows } from './late-rows.ts'
import type { Tokens } from './tokens.ts'

/** It is not said whether 1 MB are 1000 or 1024 KB; no post is larger, compressed or not. */
export const mostPostBytes = 1_000_000

/** Nobody waits longer, whatever an answer asks for. */
const mostWaitMs = 900_000

/** The API of a rule, for which `tokens` speak; `events` hear of rows whose time is not kept. */
export function logsIngestion(
  { rule, stream }: RuleAddress,
  tokens: Tokens,
  events?: Pick<Listener, 'late'>,
): BatchApi {
  return {
    path: `/dataCollectionRules/${rule}/streams/${stream}?api-version=2023-01-01`,
    mostBytes: mostPostBytes,
    headers: async (signal) => ({ authorization: `Bearer ${await tokens.get(signal)}` }),
    verdictOf(answer) {
      // The next try asks for another one.
      if (answer.status === 401) tokens.forget()
      return verdictOf(answer)
    },
    took(rows) {
      const late = lateRows(rows, Date.now())
      if (late > 0) events?.late?.(late)
    },
  }
}

/** What an answer means; the default is "not delivered". */
export function verdictOf({ status, headers, text }: Answer, now = Date.now()): Verdict {
  if (status === 204) return { is: 'delivered' }
  const { code, message } = errorIn(text)
  const answered = `the endpoint answered ${status}${code === '' ? '' : ` (${code})`}`
  if (status === 413) return { is: 'too large', reason: `${answered}: it is too large` }
  if (status === 400 && !/^Invalid(?:Stream|Dcr)/i.test(code)) {
    return { is: 'unacceptable', reason: message === '' ? answered : `${answered}: ${message}` }
  }
  const afterMs = retryAfter(headers['retry-after'], now)
  return {
    is: 'unavailable',
    reason: `${answered}${hintOf(status)}`,
    ...(afterMs > 0 && { next: { afterMs } }),
    isSure: status < 500,
  }
}

/** In words that stay the same as long as the answer does. */
function hintOf(status: number): string {
  switch (status) {
    case 400:
      return ': the rule has no such stream; compare the stream in `to` with those of the rule'
    case 401:
      return ': it does not accept the token; compare the tenant of the application with that of the rule'
    case 403:
      return (
        ': the identity has no right to write; give it the role Monitoring Metrics Publisher on the rule, which takes up ' +
        'to half an hour to count'
      )
    case 404:
      return ': there is no such rule at this endpoint; compare `to` with the immutable id and the endpoint of the rule'
    case 408:
      return ': it took too long to receive the post; wait, it is tried again by itself'
    case 429:
      return ': more comes than the rule takes in a minute; wait, it is tried again by itself; or deliver less to it'
    default:
      return status >= 500
        ? ': a fault of the service; wait, it is tried again by itself'
        : status < 300
          ? ', and not 204: something else than Azure Monitor may have answered'
          : ': something else than Azure Monitor may have answered, such as a proxy'
  }
}

/** Code and message of `{"error":{"code":…,"message":…}}`; empty where there are none. */
function errorIn(text: string): { readonly code: string; readonly message: string } {
  try {
    const { error } = JSON.parse(text) as {
      readonly error?: { readonly code?: unknown; readonly message?: unknown }
    }
    const show = (value: unknown, limit: number) => (typeof value === 'string' ? plain(value, limit) : '')
    return { code: show(error?.code, 60), message: show(error?.message, 300) }
  } catch {
    return { code: '', message: '' }
  }
}

/** Milliseconds to wait, as `Retry-After` says it in seconds or by a date; 0 when it says nothing. */
function retryAfter(value: string | string[] | undefined, now: number): number {
  if (typeof value !== 'string') return 0
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), mostWaitMs)
}
