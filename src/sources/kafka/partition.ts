/**
 * One partition, from when it was assigned until it is lost: what was read of it and is not settled, and where that stands.
 * Positions of the flow are bytes of a file; a partition has messages. So the rows of its messages, one behind the other,
 * are a file of their own, which begins where the partition was assigned:
 *
 *   messages     4711      4713   4714
 *   bytes      0│a␊ b␊  120│c␊ 160│d␊ e␊ …        a position at 160: all before message 4714 is settled, 4714 is committed
 *
 * Only so many numbers are kept as lie between what is settled and what is read, a few for each message.
 */
import type { Chunk, LogFile, Malformed } from '../../flow/chunk.ts'
import type { TopicMessage } from '../../kafka/fetcher.ts'
import { MessageReader, type Rows } from './message.ts'

/** Where a line stands, as people find it. */
export interface Place {
  readonly path: string
  /** In bytes. */
  readonly offset: number
  /** Its message. */
  readonly message: string
}

/** Messages one behind the other that went out together. */
interface Run {
  readonly start: number
  end: number
  readonly file: LogFile
  readonly server: string | null
  readonly timestampMs: number
  readonly messages: Held[]
}

/** A message that is not settled. */
interface Held {
  readonly offset: number
  /** Where its rows begin and end, */
  readonly start: number
  readonly end: number
  /** and how many bytes of it stand before them, which are settled. */
  readonly cut: number
  /** Where it stood in its log; null when nobody says that. */
  readonly origin: number | null
}

/** Rows of one chunk. */
const mostChunkBytes = 1024 * 1024
const shownBytes = 4096
const lineEnd = Buffer.from('\n')
const LF = 0x0a
const nothing = Buffer.alloc(0)

/** A partition that this instance reads. */
export class Partition {
  readonly id: string
  readonly number: number
  readonly #topic: string
  readonly #source: string
  readonly #reader = new MessageReader()
  readonly #files = new Map<string, LogFile>()
  #runs: Run[] = []
  /** The next message to be asked for, and where its rows will begin. */
  #next: number
  #at = 0
  /** So many bytes at the beginning of that message are settled. */
  #skip = 0
  /** All before this message is settled, and all before that one is and the brokers know it. */
  #settled: number
  #committed: number
  /** Behind its last message, as far as it was seen; null when nobody has looked. */
  #end: number | null = null
  #bytesRead = 0
  #messagesRead = 0
  #newestMs: number | null = null

  /** `from`: where reading begins; it is committed. `id`: that of the file in positions; another one for each time. */
  constructor(
    of: { readonly id: string; readonly source: string; readonly topic: string; readonly number: number },
    from: number,
  ) {
    this.id = of.id
    this.number = of.number
    this.#topic = of.topic
    this.#source = of.source
    this.#next = from
    this.#settled = from
    this.#committed = from
  }

  /** Messages that are kept in mind. */
  get held(): number {
    return this.#runs.reduce((sum, { messages }) => sum + messages.length, 0)
  }

  /** The message that is to be read next. */
  get next(): number {
    return this.#next
  }

  /** Messages that are not settled; null when nobody has looked how many there are. */
  get lag(): number | null {
    return this.#end === null ? null : Math.max(0, this.#end - this.#committed)
  }

  /** Bytes of a message on average, as far as some were read; 0 before. */
  get messageBytes(): number {
    return this.#messagesRead === 0 ? 0 : this.#bytesRead / this.#messagesRead
  }

  /** When the newest message was written that was read, and the oldest one that is not settled. */
  get newestMs(): number | null {
    return this.#newestMs
  }
  get oldestMs(): number | null {
    return this.#runs[0]?.timestampMs ?? null
  }

  /** Its last message stands before this one. */
  endsAt(end: number): void {
    this.#end = end
  }

  /** Reading begins again behind this position; null: at the beginning. */
  resume(position: number | null): void {
    const at = position ?? 0
    if (at >= this.#at) return
    const index = this.#runs.findIndex(({ end }) => end > at)
    const run = this.#runs[index]
    if (run === undefined) return
    const message = run.messages.find(({ end }) => end > at) as Held
    const kept = run.messages.filter(({ end }) => end <= at)
    this.#next = message.offset
    this.#at = at
    this.#skip = message.cut + at - message.start
    this.#runs.length = index
    if (kept.length > 0) this.#runs.push({ ...run, end: at, messages: kept })
  }

  /** All before this position is settled; the message to be committed, or null when the brokers know that already. */
  settle(position: number): number | null {
    while (this.#runs[0] !== undefined && this.#runs[0].end <= position) {
      this.#isSettled(this.#runs.shift()?.messages.at(-1))
    }
    const [run] = this.#runs
    if (run !== undefined) this.#isSettled(run.messages.findLast(({ end }) => end <= position))
    // What lies between was no message of ours, such as marks of transactions.
    else if (position >= this.#at) this.#settled = Math.max(this.#settled, this.#next)
    return this.#settled > this.#committed ? this.#settled : null
  }

  #isSettled(message: Held | undefined): void {
    if (message !== undefined) this.#settled = Math.max(this.#settled, message.offset + 1)
  }

  /** The brokers know it. */
  isCommitted(offset: number): void {
    this.#committed = Math.max(this.#committed, offset)
  }

  /** Reading has come to this message, and some before it were none of ours. */
  passTo(next: number): void {
    if (next <= this.#next) return
    this.#next = next
    this.#skip = 0
  }

  /** Messages as they were asked for, in order, as chunks; those before the next one are known already. */
  take(messages: readonly TopicMessage[]): readonly Chunk[] {
    const chunks: Chunk[] = []
    let pending: { readonly rows: Rows; readonly message: TopicMessage }[] = []
    let bytes = 0
    const unknown = messages.filter(({ offset }) => offset >= this.#next)
    if (unknown[0] !== undefined && unknown[0].offset > this.#next) this.#skip = 0
    for (const message of unknown) {
      this.#messagesRead++
      this.#bytesRead += message.value?.length ?? 0
      const rows = this.#reader.read(message)
      const isAlike = typeof rows !== 'string' && isSame(pending[0]?.rows, rows)
      if (pending.length > 0 && (!isAlike || bytes + rows.bytes.length > mostChunkBytes)) {
        chunks.push(this.#chunk(pending))
        pending = []
        bytes = 0
      }
      if (typeof rows === 'string') chunks.push(this.#refused(message, rows))
      else {
        pending.push({ rows, message })
        bytes += rows.bytes.length
      }
    }
    if (pending.length > 0) chunks.push(this.#chunk(pending))
    return chunks
  }

  /** Where the line at a position stands; the last message that is known without one. */
  placeOf(position: number): Place {
    const run = this.#runs.find(({ end }) => end > position) ?? this.#runs.at(-1)
    const message = run?.messages.find(({ end }) => end > position)
    if (run === undefined || message === undefined) {
      return { path: this.#path, offset: position, message: `${this.#path}, before message ${this.#next}` }
    }
    const from = run.server === null ? '' : ` from ${run.server}`
    return {
      path: run.file.path,
      offset: (message.origin ?? 0) + message.cut + position - message.start,
      message: `message ${message.offset} of partition ${this.number} of topic ${this.#topic}${from}`,
    }
  }

  get #path(): string {
    return `${this.#topic}/${this.number}`
  }

  #chunk(of: readonly { readonly rows: Rows; readonly message: TopicMessage }[]): Chunk {
    const [first] = of as [(typeof of)[number]]
    const parts: Buffer[] = []
    const messages: Held[] = []
    let at = this.#at
    for (const [index, { rows, message }] of of.entries()) {
      const cut = index === 0 ? Math.min(this.#skip, rows.bytes.length) : 0
      const bytes = rows.bytes.subarray(cut)
      const isWhole = bytes.length === 0 || bytes[bytes.length - 1] === LF
      parts.push(bytes)
      if (!isWhole) parts.push(lineEnd)
      const start = at
      at += bytes.length + (isWhole ? 0 : 1)
      messages.push({ offset: message.offset, start, end: at, cut, origin: rows.start })
    }
    const { layout, file, server } = first.rows
    const run = this.#hold(messages, { file: this.#file(file ?? this.#path), server, message: first.message })
    this.#newestMs = of.at(-1)?.message.timestampMs ?? this.#newestMs
    const [only] = parts
    const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
    return { file: run.file, layout, header: -1, start: run.start, end: run.end, bytes, malformed: [] }
  }

  /** A message that holds no rows, as a dead letter. */
  #refused(message: TopicMessage, reason: string): Chunk {
    const file = this.#file(this.#path)
    const bytes = message.value ?? nothing
    // An empty one has its place, too.
    const end = this.#at + Math.max(1, bytes.length)
    const held = { offset: message.offset, start: this.#at, end, cut: 0, origin: null }
    const run = this.#hold([held], { file, server: null, message })
    const line = bytes.subarray(0, shownBytes)
    const malformed: readonly Malformed[] = [{ path: file.path, offset: run.start, reason, line }]
    return { file, layout: null, header: -1, start: run.start, end, bytes: nothing, malformed }
  }

  #hold(
    messages: Held[],
    of: { readonly file: LogFile; readonly server: string | null; readonly message: TopicMessage },
  ): Run {
    const last = messages.at(-1) as Held
    const { timestampMs } = of.message
    const run = { start: this.#at, end: last.end, file: of.file, server: of.server, timestampMs, messages }
    this.#runs.push(run)
    this.#at = last.end
    this.#next = last.offset + 1
    this.#skip = 0
    return run
  }

  #file(path: string): LogFile {
    let file = this.#files.get(path)
    if (file === undefined) {
      // Names come from outside, and there is always another one.
      if (this.#files.size >= 256) this.#files.clear()
      file = { id: this.id, source: this.#source, path }
      this.#files.set(path, file)
    }
    return file
  }
}

/** Whether rows can go out in one chunk: of one log, under one header. */
function isSame(one: Rows | undefined, other: Rows): boolean {
  return (
    one !== undefined && one.layout === other.layout && one.file === other.file && one.server === other.server
  )
}
