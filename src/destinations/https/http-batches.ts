/**
 * A destination that posts batches of JSON over HTTPS. What an answer means is for its API to say; here is what follows
 * from it:
 *
 *   delivered      the batch is, once all of its posts are
 *   too large      the rows go again in two halves, down to a single one, which is rejected
 *   unacceptable   likewise, down to the culprit, unless the API does not take an empty array either: then it is a
 *                  mistake of the configuration, which never throws events away
 *   unavailable    so is the batch; it is read and sent again
 *
 * A post whose connection breaks goes once more, on a new one, before that: connections end at any time, also those that
 * are used again, and a batch that is read again brings along all that was posted after it.
 *
 * Several posts are under way at a time, as long as all goes well: after a failure one alone shows whether it is over,
 * so that few events are sent in vain, or twice.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Batch } from '../../flow/batch.ts'
import {
  closed,
  type Destination,
  type NextTry,
  type Outcome,
  type RejectedEvent,
  type Repeats,
  type Sending,
  settledAs,
  type Unavailable,
} from '../../flow/delivery.ts'
import { pause } from '../../flow/pause.ts'
import type { DestinationStatus, When } from '../status.ts'
import { type Answer, type HttpsClient, NotSent, Overdue } from './client.ts'
import { Rows } from './rows.ts'

/** What an answer means for the rows that were posted. `isSure`: not one of them was taken. */
export type Verdict =
  | { readonly is: 'delivered' }
  | { readonly is: 'too large' | 'unacceptable'; readonly reason: string }
  | {
      readonly is: 'unavailable'
      readonly reason: string
      readonly next?: NextTry
      readonly isSure: boolean
    }

/** `resent`: why the rows went out twice, if the first of the two may have arrived. */
type Posted = Verdict & { readonly resent?: string }

/** The connection broke, or there was none. `isSure`: nothing arrived. */
interface Broken {
  readonly is: 'broken'
  readonly reason: string
  readonly isSure: boolean
}

/** Where to post, and how answers are to be understood. */
export interface BatchApi {
  readonly path: string
  /** Most bytes of a post, before it is compressed. */
  readonly mostBytes: number
  /** Headers that may take time, such as a token; rejects with a sentence on why there are none. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>
  verdictOf(answer: Answer): Verdict
  /** All of these rows were taken. */
  took?(rows: Rows): void
}

/** What it is put together from. */
export interface HttpBatchesOptions {
  readonly name: string
  readonly api: BatchApi
  readonly client: HttpsClient
  readonly status: DestinationStatus
  /** How long posts under way may take to be answered when it is closed. */
  readonly closeGraceMs?: number
}

const zip = promisify(gzip)
const mostPosts = 4
const usualGraceMs = 2000
/** A letter shows the beginning of its event. */
const mostLetterBytes = 65_536
const nothing = Buffer.from('[]')
/** Level 1 takes half the time of 6 and gives a tenth more. */
const zipLevel = 1

type Fate = Extract<Outcome, { status: 'delivered' }> | Unavailable

/** Posts the batches of one destination. */
export class HttpBatches implements Destination {
  readonly name: string
  readonly #api: BatchApi
  readonly #client: HttpsClient
  readonly #status: DestinationStatus
  readonly #closeGraceMs: number
  readonly #closing = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #underWay = new Set<Promise<Fate>>()
  /** How many may be under way at a time. */
  #most = 1
  #isConnected = false
  #failure: Unavailable | undefined
  #failures = 0

  constructor({ name, api, client, status, closeGraceMs = usualGraceMs }: HttpBatchesOptions) {
    this.name = name
    this.#api = api
    this.#client = client
    this.#status = status
    this.#closeGraceMs = closeGraceMs
  }

  /** A batch that waits for its turn while another fails would be sent in vain: it is read again, too. */
  async send({ frames, ends }: Batch): Promise<Sending> {
    if (ends.length === 0) return settledAs({ status: 'delivered' })
    const failures = this.#failures
    while (this.#underWay.size >= this.#most) {
      await Promise.race(this.#underWay)
      if (this.#failures > failures) return settledAs({ ...(this.#failure ?? closed), unsent: true })
    }
    if (this.#closing.signal.aborted) return settledAs(closed)
    const sent = this.#deliver(Rows.of(frames, ends))
    this.#underWay.add(sent)
    void sent.then((fate) => {
      this.#underWay.delete(sent)
      this.#settled(fate, failures)
    })
    return { outcome: sent }
  }

  /** Asks by an empty array, which stores nothing. */
  async connect(): Promise<string | null> {
    const verdict = await this.#post(nothing)
    if (verdict.is === 'delivered') {
      this.#connected()
      return null
    }
    if (!this.#closing.signal.aborted) this.#failed(verdict.reason, 'before')
    return verdict.reason
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const over = new AbortController()
    const settled = Promise.all(this.#underWay).then(() => over.abort())
    await pause(this.#closeGraceMs, over.signal)
    this.#givingUp.abort()
    await settled
    this.#client.close()
  }

  /** `failures`: how many there were when it went out. What comes through beside one that fails shows nothing new. */
  #settled(fate: Fate, failures: number): void {
    if (fate.status === 'delivered') {
      if (this.#failures > failures) return
      this.#most = mostPosts
      this.#connected()
      this.#status.delivered()
    } else {
      this.#most = 1
      this.#failure = fate
      this.#failures++
      if (!this.#closing.signal.aborted) this.#failed(fate.reason, 'delivering')
    }
  }

  #connected(): void {
    if (this.#isConnected) return
    this.#isConnected = true
    this.#status.connected()
  }

  #failed(reason: string, when: When): void {
    this.#isConnected = false
    this.#status.unavailable(reason, when)
  }

  async #deliver(rows: Rows): Promise<Fate> {
    const except: RejectedEvent[] = []
    /** Some were taken, or would have been. */
    let hasSent = false
    let repeats: Repeats | undefined
    const waiting = [...rows.within(this.#api.mostBytes)].reverse()
    for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
      if (this.#givingUp.signal.aborted) return { ...closed, unsent: !hasSent }
      const { resent, ...verdict } = await this.#post(part.body)
      if (resent !== undefined) repeats = { events: (repeats?.events ?? 0) + part.count, reason: resent }
      switch (verdict.is) {
        case 'delivered':
          hasSent = true
          this.#api.took?.(part)
          break
        case 'unavailable': {
          const { reason, next, isSure } = verdict
          const unsent = isSure && !hasSent
          return { status: 'unavailable', reason, unsent, ...(next && { next }), ...(repeats && { repeats }) }
        }
        case 'unacceptable': {
          const asked = hasSent ? undefined : await this.#post(nothing)
          if (asked !== undefined && asked.is !== 'delivered') {
            const unsent = resent === undefined
            return { status: 'unavailable', reason: asked.reason, unsent, ...(repeats && { repeats }) }
          }
          hasSent = true
          this.#divide(part, verdict.reason, waiting, except)
          break
        }
        case 'too large':
          this.#divide(part, verdict.reason, waiting, except)
      }
    }
    return { status: 'delivered', ...(except.length > 0 && { except }), ...(repeats && { repeats }) }
  }

  #divide(part: Rows, reason: string, waiting: Rows[], except: RejectedEvent[]): void {
    if (part.count > 1) waiting.push(...[...part.halves].reverse())
    else except.push({ reason, line: Uint8Array.from(part.line.subarray(0, mostLetterBytes)) })
  }

  /** Never rejects. */
  async #post(body: Buffer): Promise<Posted> {
    const zipped = await zip(body, { level: zipLevel })
    const first = await this.#try(zipped)
    if (first.is !== 'broken') return first
    // At once: no other post has used the new connection and let it rest.
    const second = await this.#try(zipped)
    if (second.is !== 'broken' && second.is !== 'unavailable')
      return { ...second, ...(!first.isSure && { resent: first.reason }) }
    return {
      ...second,
      is: 'unavailable',
      isSure: first.isSure && second.isSure,
      ...(!first.isSure && !second.isSure && { resent: first.reason }),
    }
  }

  async #try(zipped: Buffer): Promise<Verdict | Broken> {
    const { signal } = this.#givingUp
    let isSure = true
    try {
      const headers = await this.#api.headers(signal)
      isSure = false
      const answer = await this.#client.post(
        this.#api.path,
        { ...headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
        zipped,
        signal,
      )
      return this.#api.verdictOf(answer)
    } catch (error) {
      if (signal.aborted) return { is: 'unavailable', reason: closed.reason, isSure }
      const reason = error instanceof Error ? error.message : String(error)
      // Who has no time to answer is not asked more often for it.
      if (isSure || error instanceof Overdue) return { is: 'unavailable', reason, isSure }
      return { is: 'broken', reason, isSure: error instanceof NotSent }
    }
  }
}
