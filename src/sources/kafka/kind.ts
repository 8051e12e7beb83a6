/** Topics of raw rows, as a kind of source. */
import type { Batch } from '../../flow/batch.ts'
import type { Malformed, Positions } from '../../flow/chunk.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { formatTopicAddress } from '../../kafka/address.ts'
import { clientOptions } from '../../kafka/client.ts'
import { brokersSecrets, checkBrokers, nodeMistake, withAbsoluteFiles } from '../../kafka/options.ts'
import { reasonForError } from '../../kafka/reasons.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { Mistaken } from '../../mistakes/words.ts'
import { isGroup } from '../../mistakes/written.ts'
import { formatHostPort } from '../../network/host-port.ts'
import { mergeInTurn } from '../../tail/merge.ts'
import type { Kind, Reader, ReadingOptions, ToldSource } from '../kind.ts'
import { examineTopic } from './examine.ts'
import { defaultGroup, readSource, type TopicOptions, topicShape } from './options.ts'
import type { Partition } from './partition.ts'
import { TopicReader } from './topic-reader.ts'

export const kafka = {
  where: 'from',
  example: 'from: kafka://broker:9092/topic',
  settings: topicShape,
  secrets: {
    texts: under(brokersSecrets.texts),
    references: under(brokersSecrets.references),
    files: under(brokersSecrets.files),
  },
  check({ kafka }, report) {
    if (!isGroup(kafka)) return
    checkBrokers(kafka, (path, message, remedy) => report(['kafka', ...path], message, remedy))
  },
  unused: ({ kafka }) =>
    isGroup(kafka) && kafka.protocol === 'consumer'
      ? ['static', 'sessionMs'].flatMap((name) =>
          kafka[name] === undefined ? [] : [{ path: ['kafka', name], ...onlyClassic }],
        )
      : [],
  complete: ({ kafka = defaultGroup }, absolute) => ({ kafka: withAbsoluteFiles(kafka, absolute) }),
  placeOf({ from }) {
    const address = typeof from === 'string' ? readSource(from) : undefined
    return address === undefined || address instanceof Mistaken ? undefined : formatTopicAddress(address)
  },
  alreadyRead: 'is read by another source already',
  nameOf: ({ from }) => addressOf(from).topic,
  describe: (source) => `${source.from}, in group ${groupOf(source, 'DESTINATION')}`,
  prove(source) {
    const mistake = nodeMistake()
    if (mistake !== null) throw new ProblemsError([{ where: { setting: ['from'] }, ...mistake }])
    topicOf(source)
  },
  examine(source, destinations) {
    const { client, topic, reasonFor } = topicOf(source)
    const groups = destinations.map((name) => groupOf(source, name))
    return examineTopic({ client, topic, reasonFor, groups })
  },
  open: (sources, options) => openTopics(sources, options),
} as const satisfies Kind<TopicOptions>

const onlyClassic = {
  message: 'does nothing with protocol consumer',
  remedy: 'remove it, or write protocol: classic',
}

function under(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return paths.map((path) => ['kafka', ...path])
}

function addressOf(from: string): TopicAddress {
  const address = readSource(from)
  if (address instanceof Mistaken) throw new TypeError(address.message)
  return address
}

function openTopics(sources: readonly TopicOptions[], options: ReadingOptions): Reader {
  const readers = new Map(sources.map((source) => [source.name, readerOf(source, options)]))
  const all = [...readers.values()]
  return {
    read: (from, signal) =>
      mergeInTurn(
        all.map((reader) => reader.read(from, signal)),
        signal,
      ),
    gone: () => all.flatMap((reader) => [...reader.released]),
    async lastLook() {
      await Promise.all(all.map((reader) => reader.close()))
      return 0
    },
    unreadable: () =>
      sources.filter(({ name }) => readers.get(name)?.reason !== null).map(({ from }) => from),
    told(source) {
      const reader = readers.get(source)
      return reader && toldOf(reader)
    },
    isKept: (fileId) => all.some((reader) => reader.isOwn(fileId)),
    async keep(positions: Positions) {
      const results = await Promise.allSettled(all.map((reader) => reader.settle(positions)))
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
    placed(batch) {
      const part = all.map((reader) => reader.partOf(batch.file.id)).find((one) => one !== undefined)
      return part === undefined ? batch : placedIn(part, batch)
    },
  }
}

/** Each topic and destination has its own: what one has settled is no matter to another. */
function groupOf({ from, kafka = defaultGroup }: TopicOptions, destination: string): string {
  return `${kafka.group}.${addressOf(from).topic}.${destination}`
}

/** How it is asked for. */
function topicOf({ from, kafka = defaultGroup }: TopicOptions) {
  const { brokers, topic } = addressOf(from)
  const about = { brokers: brokers.map(formatHostPort).join(','), topic, user: kafka.sasl?.username }
  return {
    topic,
    client: clientOptions(brokers, kafka),
    reasonFor: (error: unknown) => reasonForError(error, about),
  }
}

function readerOf(
  source: TopicOptions,
  { follow, log, events, destination, instance }: ReadingOptions,
): TopicReader {
  const { name, startAt, from, kafka = defaultGroup } = source
  const { protocol, sessionMs } = kafka
  return new TopicReader({
    name,
    startAt,
    from,
    ...topicOf(source),
    group: groupOf(source, destination),
    protocol,
    sessionMs,
    instanceId: kafka.static && protocol === 'classic' && follow ? instance() : undefined,
    follow,
    log,
    events,
  })
}

function toldOf(reader: TopicReader): ToldSource {
  reader.look()
  const { reason, parts } = reader
  const times = (of: (part: Partition) => number | null) => parts.flatMap((part) => of(part) ?? [])
  const bytes = parts.reduce((sum, part) => sum + (part.lag ?? 0) * part.messageBytes, 0)
  return {
    reason,
    newestMs: parts.length === 0 ? null : latest(times(({ newestMs }) => newestMs)),
    backlog: {
      bytes: Math.round(bytes),
      isComplete:
        reason === null &&
        parts.every(({ lag, messageBytes }) => lag === 0 || (lag !== null && messageBytes > 0)),
      oldestMs: earliest(times(({ oldestMs }) => oldestMs)),
    },
    partitions: parts.map(({ number, lag }) => ({ partition: number, messages: lag })),
  }
}

function latest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.max(...times)
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times)
}

/** Lines as people find them: in the log that they stood in, and in their message. */
function placedIn(part: Partition, batch: Batch): Batch {
  const { path, offset, message } = part.placeOf(batch.start)
  const malformed = batch.malformed.map((line): Malformed => {
    const place = part.placeOf(line.offset)
    return { ...line, path: place.path, offset: place.offset, reason: `${line.reason} (${place.message})` }
  })
  const last = part.placeOf(Math.max(batch.start, batch.position.offset - 1))
  const rows = last.message === message ? `of ${message}` : `from ${message} to ${last.message}`
  return { ...batch, file: { ...batch.file, path }, start: offset, rows, malformed }
}
