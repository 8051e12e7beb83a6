/** What is told of a topic, to people in the own log and to who listens: once per change of state. */
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { Trouble } from '../../flow/trouble.ts'
import type { Partition } from './partition.ts'

interface TopicNewsOptions {
  readonly name: string
  /** The address as it was written. */
  readonly from: string
  readonly topic: string
  readonly group: string
  readonly instanceId: string | undefined
  readonly log: Log
  readonly events: Listener
}

/** Tells it. */
export class TopicNews {
  readonly #options: TopicNewsOptions
  readonly #trouble = new Trouble()

  constructor(options: TopicNewsOptions) {
    this.#options = options
  }

  /** Why the topic can't be read; null when it can. */
  get reason(): string | null {
    return this.#trouble.now?.reason ?? null
  }

  /** These are ours now, and those are not any more. */
  changed(partitions: readonly number[], lost: readonly Partition[]): void {
    const { name: source, topic, group, log } = this.#options
    const list = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b).join(' ')
    log.info('The partitions of a topic that are read here have changed', {
      source,
      topic,
      group,
      partitions: list(partitions) || 'none',
      ...(lost.length > 0 && { lost: list(lost.map(({ number }) => number)) }),
    })
  }

  cannotRead(reason: string): void {
    const { name: source, topic, from, log, events } = this.#options
    if (!this.#trouble.begins(reason)) return
    const message = 'The topic of a source can not be read; it is tried again every few seconds'
    log.error(message, { source, topic, reason })
    events.folderChanged?.({ source, folder: from, reason })
  }

  isWell(): void {
    const { name: source, topic, from, log, events } = this.#options
    if (this.#trouble.over() === null) return
    log.info('The topic of a source is read again', { source, topic })
    events.folderChanged?.({ source, folder: from, reason: null })
  }

  /** Another instance has the name of this one. */
  isFenced(): void {
    const { name: source, topic, group, from, instanceId, log, events } = this.#options
    const reason = 'another instance has joined the group as this one'
    this.#trouble.is(reason)
    log.error('A topic is read here no more: another instance has joined its group as this one', {
      source,
      topic,
      group,
      instance: instanceId,
      remedy: 'give each instance a state folder of its own, not a copy of another, and start this one again',
    })
    events.folderChanged?.({ source, folder: from, reason })
  }

  /** The oldest message that is left is before the one that was to be read next. */
  isAnother(part: Partition, start: number): void {
    const { name: source, log, events } = this.#options
    const fields = { ...this.#where(part), beginning: start }
    log.error('A topic was made anew, or cut off: what it holds is read from its beginning', fields)
    const loss = { path: `${this.#options.topic}/${part.number}`, fileId: part.id, offset: part.next }
    events.lost?.({ source, ...loss, cause: 'replaced', bytes: null })
  }

  /** The topic keeps messages for a shorter time than reading took. */
  hasLost(part: Partition, start: number): void {
    const { name: source, topic, log, events } = this.#options
    const messages = start - part.next
    const remedy =
      'have the topic keep messages longer (retention.ms, retention.bytes), and see why delivery is so late'
    log.error('Messages of a topic were deleted before they were read', {
      ...this.#where(part),
      messages,
      remedy,
    })
    const bytes = part.messageBytes === 0 ? null : Math.round(messages * part.messageBytes)
    const loss = { path: `${topic}/${part.number}`, fileId: part.id, offset: part.next }
    events.lost?.({ source, ...loss, cause: 'deleted', bytes })
  }

  #where(part: Partition): Readonly<Record<string, unknown>> {
    const { name: source, topic } = this.#options
    return { source, topic, partition: part.number, message: part.next }
  }
}
