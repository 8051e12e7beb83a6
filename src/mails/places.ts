/**
 * Where reading is in each file, and what of it has to be read again by who knows nothing but the saved positions: the
 * rows of mails that are not settled. Behind a position stand rows of others, too, which are settled; so it says which
 * mails are not:
 *
 *   rows of a file   s s a s s b s a s b a s │ not read yet
 *                        └ offset            └ taken       open: a from its first row on, b likewise
 *
 * `open` has twelve bytes for each of them, in base64: its key (mail-key.ts) in eight, how far behind `offset` its first
 * row stands in four, of which the first bit says that there was a record of it before.
 */

import type { Chunk, Position, Positions } from '../flow/chunk.ts'
import { sourceIn } from '../flow/file-id.ts'
import type { MailFacts } from './collector.ts'

const ENTRY_BYTES = 12
const CONTINUES = 0x8000_0000
/** Of longer ways nothing is said: the first row may be anywhere. */
const FARTHEST = CONTINUES - 1

/** What a saved position says of a mail. */
interface OpenMail {
  readonly offset: number
  readonly continues: boolean
}

/** A file under one of its headers. */
interface Stretch {
  readonly fileId: string
  readonly header: number
}

/** How far a file was read at a time of the logs. */
interface Mark {
  atMs: number
  readonly offset: number
  readonly header: number
}

/** A line that goes to the dead letters. */
export interface LetterPlace {
  readonly fileId: string
  readonly offset: number
  readonly header: number
}

/** What a saved position says of the rows behind it, until they are read again. */
interface Replay {
  readonly taken: number
  readonly letters: number
  readonly open: Map<number, OpenMail>
}

/** Files, and how far they are read. */
export class Places {
  readonly #keepMs: number
  readonly #reached: Map<string, Position>
  readonly #replays: Map<string, Replay>
  readonly #stretches: Stretch[] = []
  readonly #numbers = new Map<string, number>()
  readonly #marks = new Map<string, Mark[]>()

  /** `keepMs`: so much of the logs is read again in any case, to know which mails were closed. */
  constructor(from: Positions, keepMs: number) {
    this.#keepMs = keepMs
    const all = [...from.values()]
    this.#reached = new Map(
      all.map(({ fileId, offset, header }) => [fileId, { fileId, offset, header }] as const),
    )
    this.#replays = new Map(
      all.flatMap(({ fileId, offset, mails }) =>
        mails === undefined
          ? []
          : [[fileId, { taken: mails.taken, letters: mails.letters, open: readOpen(offset, mails.open) }]],
      ),
    )
  }

  /** Where reading goes on. */
  get reached(): Positions {
    return this.#reached
  }

  /** The number of a file under the header in force. */
  numberOf({ file, header }: Chunk): number {
    const key = `${header} ${file.id}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#stretches.length)
    return this.#stretches.push({ fileId: file.id, header }) - 1
  }

  /** The source of which the first row of a mail was read. */
  sourceOf({ places: [first = -1] }: MailFacts): string {
    return sourceIn(this.#stretches[first]?.fileId ?? '')
  }

  /** Whether a row was settled before the start, as a row of its mail, or a line as a dead letter. */
  isSettled(fileId: string, offset: number, key: number | null): boolean {
    const replay = this.#replays.get(fileId)
    if (replay === undefined || offset >= replay.taken) return false
    if (key === null) return offset < replay.letters
    const open = replay.open.get(key)
    return open === undefined || offset < open.offset
  }

  /**
   * Whether there was a record of a mail before the first one that has to be made again. Of several that were not settled
   * each but the first continues one, which nobody may have: rows of these may be all that a file has of the mail.
   */
  isContinued(key: number): boolean {
    let isKnown = false
    for (const { open } of this.#replays.values()) {
      const mail = open.get(key)
      if (mail?.continues === false) return false
      isKnown ||= mail !== undefined
    }
    return isKnown
  }

  /** What comes of the mail from now on continues it. */
  closed(key: number): void {
    for (const [id, { open }] of this.#replays) {
      if (open.has(key)) open.set(key, { offset: this.#reached.get(id)?.offset ?? 0, continues: true })
    }
  }

  /** All of it is taken; its last row is of this time. */
  took({ file, start, end, header }: Chunk, atMs: number): void {
    this.#reached.set(file.id, { fileId: file.id, offset: end, header })
    if (end === 0) this.#marks.delete(file.id)
    const replay = this.#replays.get(file.id)
    if (replay !== undefined && (end === 0 || end >= replay.taken)) this.#replays.delete(file.id)
    if (Number.isNaN(atMs) || end === start) return
    const marks = this.#marks.get(file.id) ?? []
    const last = marks.at(-1)
    // A few for the time that is kept: they say about where it begins.
    if (last === undefined || atMs - last.atMs >= this.#keepMs / 16)
      marks.push({ atMs, offset: start, header })
    this.#marks.set(file.id, marks)
  }

  /** The time of the logs was wrong, and is this one: nothing was read after it. */
  setBack(nowMs: number): void {
    for (const marks of this.#marks.values()) {
      for (const mark of marks) mark.atMs = Math.min(mark.atMs, nowMs)
    }
  }

  /** The file is gone. */
  forget(fileId: string): void {
    this.#reached.delete(fileId)
    this.#replays.delete(fileId)
    this.#marks.delete(fileId)
  }

  /** Positions to be saved while these mails and dead letters are not settled; `nowMs`: the time of the logs. */
  positions(unsettled: Iterable<MailFacts>, letters: readonly LetterPlace[], nowMs: number): Positions {
    const files = this.#without(unsettled, letters)
    for (const [id, file] of files) {
      const mark = this.#kept(id, nowMs)
      if (mark !== null) file.goBackTo(mark.offset, mark.header)
    }
    return new Map([...files].map(([id, file]) => [id, file.position()]))
  }

  /** Before the first row of these, whatever is read again besides. */
  unsettled(unsettled: Iterable<MailFacts>, letters: readonly LetterPlace[]): Positions {
    return new Map([...this.#without(unsettled, letters)].map(([id, file]) => [id, file.position()]))
  }

  #without(unsettled: Iterable<MailFacts>, letters: readonly LetterPlace[]): ReadonlyMap<string, FileOpen> {
    const files = new Map<string, FileOpen>()
    for (const [id, reached] of this.#reached) files.set(id, new FileOpen(reached, this.#replays.get(id)))
    for (const { key, continues, places } of unsettled) {
      for (let at = 0; at < places.length; at += 2) {
        const { fileId, header } = this.#stretches[places[at] as number] as Stretch
        files.get(fileId)?.add({ key, continues, offset: places[at + 1] as number }, header)
      }
    }
    for (const { fileId, offset, header } of letters) files.get(fileId)?.addLetter(offset, header)
    return files
  }

  /** The newest mark that is old enough, so that all behind it is kept; null where nothing has to be. */
  #kept(id: string, nowMs: number): Mark | null {
    const marks = this.#marks.get(id)
    if (marks === undefined) return null
    while (marks.length > 1 && nowMs - (marks[1] as Mark).atMs >= this.#keepMs) marks.shift()
    const [first] = marks
    const last = marks.at(-1)
    if (first === undefined || last === undefined) return null
    if (nowMs - last.atMs < this.#keepMs * 2) return first
    this.#marks.delete(id)
    return null
  }
}

interface Entry extends OpenMail {
  readonly key: number
}

/** What of one file is not settled. */
class FileOpen {
  readonly #fileId: string
  readonly #taken: number
  readonly #open: Entry[] = []
  #offset: number
  #header: number
  #letters: number

  constructor({ fileId, offset, header }: Position, replay: Replay | undefined) {
    this.#fileId = fileId
    this.#taken = replay?.taken ?? offset
    this.#letters = replay === undefined ? offset : Math.max(offset, replay.letters)
    this.#offset = offset
    this.#header = header
    for (const [key, mail] of replay?.open ?? []) this.#open.push({ key, ...mail })
  }

  add(entry: Entry, header: number): void {
    // The file was changed since, and is read again from its start.
    if (entry.offset >= this.#taken) return
    this.#open.push(entry)
    this.goBackTo(entry.offset, header)
  }

  addLetter(offset: number, header: number): void {
    this.#letters = Math.min(this.#letters, offset)
    this.goBackTo(offset, header)
  }

  goBackTo(offset: number, header: number): void {
    if (offset >= this.#offset) return
    this.#offset = offset
    this.#header = header
  }

  position(): Position {
    const [fileId, offset, header, taken] = [this.#fileId, this.#offset, this.#header, this.#taken]
    if (offset === taken) return { fileId, offset, header }
    const letters = Math.max(this.#letters, offset)
    return { fileId, offset, header, mails: { taken, letters, open: writeOpen(this.#open, offset) } }
  }
}

function writeOpen(entries: readonly Entry[], from: number): string {
  const bytes = Buffer.alloc(entries.length * ENTRY_BYTES)
  for (const [index, { key, offset, continues }] of entries.entries()) {
    const at = index * ENTRY_BYTES
    const way = offset - from > FARTHEST ? 0 : Math.max(0, offset - from)
    bytes.writeUInt32BE(Math.floor(key / 2 ** 32), at)
    bytes.writeUInt32BE(key % 2 ** 32, at + 4)
    bytes.writeUInt32BE(way + (continues ? CONTINUES : 0), at + 8)
  }
  return bytes.toString('base64')
}

function readOpen(from: number, text: string): Map<number, OpenMail> {
  const bytes = Buffer.from(text, 'base64')
  const open = new Map<number, OpenMail>()
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const key = bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
    const last = bytes.readUInt32BE(at + 8)
    const offset = from + (last % CONTINUES)
    const before = open.get(key)
    open.set(key, {
      offset: Math.min(offset, before?.offset ?? offset),
      continues: last >= CONTINUES && before?.continues !== false,
    })
  }
  return open
}
