/**
 * Which event ids go out, and how often: a few frames of each batch stand for all of it, the fewer the more batches there
 * are. Small batches, as they come while logs are followed, are counted whole; in a backlog it is an estimate, and costs
 * nothing for each event.
 */
import type { Batch } from '../flow/batch.ts'
import type { Listener } from '../flow/events.ts'
import type { ToldShares } from '../status/told-event.ts'
import type { InstanceListener } from './instance-view.ts'
import type { PipelineView } from './running-pipeline.ts'

/** What is looked at of a batch. */
const samples = 16
/** And of all batches of a second; those that come beyond that are counted as the next one is. */
const samplesPerSecond = 500
const spanMs = 15 * 60_000
const spans = 4
/** Event ids come from logs, and logs hold anything. */
const mostIds = 100
const longestId = 64
/** What is told one by one. */
const mostTold = 8

const begin = Buffer.from('CEF:')
const member = Buffer.from(',"deviceEventClassId":"')
const brace = 0x7b
const bar = 0x7c
const backslash = 0x5c

interface Span {
  readonly beganMs: number
  readonly counts: Map<string | null, number>
}

/** Of one destination, over the last hour. */
export class EventShares implements Listener {
  readonly #now: () => number
  readonly #random: () => number
  readonly #spans: Span[] = []
  /** How many may be looked at now. */
  #samples = samplesPerSecond
  #passedOver = 0
  #filledAtMs: number

  /** A clock in milliseconds that does not jump; a number from 0 up to 1. */
  constructor(now: () => number = () => performance.now(), random: () => number = Math.random) {
    this.#now = now
    this.#random = random
    this.#filledAtMs = now()
  }

  sending({ frames, ends }: Batch): void {
    const count = ends.length
    if (count === 0) return
    this.#fill()
    const all = count + this.#passedOver
    if (this.#samples < 1) {
      this.#passedOver = all
      return
    }
    this.#passedOver = 0
    const { counts } = this.#span()
    const looked = Math.min(count, samples, Math.floor(this.#samples))
    this.#samples -= looked
    for (let each = 0; each < looked; each++) {
      // Each from a stretch of its own, anywhere in it, so that what repeats in a log does not decide.
      const from = Math.floor((each * count) / looked)
      const to = Math.floor(((each + 1) * count) / looked)
      const index = from + Math.floor(this.#random() * (to - from))
      const id = eventClassIdIn(frames, index === 0 ? 0 : (ends[index - 1] ?? 0), ends[index] ?? 0)
      const key = counts.has(id) || counts.size < mostIds ? id : null
      const stoodFor = Math.floor(((each + 1) * all) / looked) - Math.floor((each * all) / looked)
      counts.set(key, (counts.get(key) ?? 0) + stoodFor)
    }
  }

  /** The most frequent first, and what is left. */
  get ids(): ToldShares['ids'] {
    this.#forget()
    const sums = new Map<string | null, number>()
    for (const { counts } of this.#spans) {
      for (const [id, events] of counts) sums.set(id, (sums.get(id) ?? 0) + events)
    }
    const known = [...sums]
      .filter(([id]) => id !== null)
      .sort(([, one], [, other]) => other - one)
      .map(([id, events]) => ({ id, events }))
    const rest = known.slice(mostTold).reduce((sum, { events }) => sum + events, sums.get(null) ?? 0)
    return [...known.slice(0, mostTold), ...(rest > 0 ? [{ id: null, events: rest }] : [])]
  }

  #fill(): void {
    const nowMs = this.#now()
    const more = ((nowMs - this.#filledAtMs) / 1000) * samplesPerSecond
    this.#filledAtMs = nowMs
    this.#samples = Math.min(samplesPerSecond, this.#samples + more)
  }

  #span(): Span {
    this.#forget()
    const last = this.#spans.at(-1)
    const nowMs = this.#now()
    if (last !== undefined && nowMs - last.beganMs < spanMs) return last
    const next: Span = { beganMs: nowMs, counts: new Map() }
    this.#spans.push(next)
    return next
  }

  #forget(): void {
    const oldestMs = this.#now() - spans * spanMs
    while (this.#spans[0] !== undefined && this.#spans[0].beganMs <= oldestMs) this.#spans.shift()
  }
}

/** Those of all destinations, while `isWanted`. */
export class AllEventShares implements InstanceListener {
  readonly #isWanted: () => boolean
  readonly #shares = new Map<string, EventShares>()

  constructor(isWanted: () => boolean) {
    this.#isWanted = isWanted
  }

  begins({ name, events }: Pick<PipelineView, 'name' | 'events'>): void {
    const shares = this.#shares.get(name) ?? new EventShares()
    this.#shares.set(name, shares)
    events.add({
      sending: (batch) => {
        if (this.#isWanted()) shares.sending(batch)
      },
    })
  }

  reloads({ destinations }: { readonly destinations: readonly { readonly name: string }[] }): void {
    for (const name of this.#shares.keys()) {
      if (!destinations.some((each) => each.name === name)) this.#shares.delete(name)
    }
  }

  /** Of these destinations. */
  of(names: readonly string[]): readonly ToldShares[] {
    return names.map((destination) => ({ destination, ids: this.#shares.get(destination)?.ids ?? [] }))
  }
}

/** That of an event in CEF or JSON; null when there is no such thing. */
function eventClassIdIn(frames: Buffer, start: number, end: number): string | null {
  return frames[start] === brace ? inObject(frames.subarray(start, end)) : inHeader(frames, start, end)
}

/** No text in an object can hold these quotes. */
function inObject(frame: Buffer): string | null {
  const at = frame.indexOf(member)
  if (at < 0) return null
  const text = frame.toString('utf8', at + member.length - 1, at + member.length + 8 * longestId)
  const [quoted] = /^"(?:[^"\\]|\\.)*"/.exec(text) ?? []
  const id: unknown = quoted === undefined ? null : JSON.parse(quoted)
  return typeof id === 'string' && id.length <= longestId ? id : null
}

/** What stands between the fourth and the fifth bar of the header. */
function inHeader(frames: Buffer, start: number, end: number): string | null {
  let at = frames.subarray(start, end).indexOf(begin)
  if (at < 0) return null
  at += start
  for (let bars = 0; bars < 4; at++) {
    if (at >= end) return null
    if (frames[at] === backslash) at++
    else if (frames[at] === bar) bars++
  }
  let stop = at
  while (stop < end && frames[stop] !== bar) stop += frames[stop] === backslash ? 2 : 1
  if (stop >= end || stop - at > longestId) return null
  return frames.toString('utf8', at, stop).replace(/\\([\\|])/g, '$1')
}
