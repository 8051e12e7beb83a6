/**
 * What is known of one file of a followed folder, kept from one reading to the next. Only the file itself and its two
 * parts, `looks` and `content`, change what they know; others say what happened.
 */
import { join } from 'node:path'
import type { LogFile, Position, Positions } from '../../flow/chunk.ts'
import { fileId } from '../../flow/file-id.ts'
import type { Log } from '../../flow/log.ts'
import type { FileInput } from '../bytes/byte-input.ts'
import type { Head } from '../bytes/head.ts'
import type { Refusal } from '../bytes/header.ts'
import type { FileOrder } from '../folder/file-order.ts'
import { systemReason } from '../folder/remedy.ts'
import { Content } from './content.ts'
import { Looks } from './looks.ts'

/** `passed`: all its rows are before `startAt`. */
type Condition = 'readable' | 'unreadable' | 'refused' | 'passed'

/** What a head says: it is too short to tell, the file is the one it was or has its first identity, or it is another. */
export type Identity = 'unknown' | 'same' | 'another'

const never = Number.NEGATIVE_INFINITY

/** One file under one name. */
export class TrackedFile {
  readonly order: FileOrder
  readonly source: string
  readonly looks: Looks
  readonly #folder: string
  readonly content = new Content()
  #head: Head | null = null
  /** The head was read, and is not kept. */
  #isPutAway = false
  #headCheckedAtMs = never
  #id: string | null = null
  /** Made when it is needed. */
  #log: LogFile | null = null
  #input: FileInput | null = null
  #openedAtMs = never
  #condition: Condition = 'readable'
  #failures = 0
  /** Why it is not read, as far as that was said. */
  #reason: string | null = null

  /** A file just found. `grewAtMs` says how lively it is taken to be. */
  constructor(source: string, folder: string, order: FileOrder, grewAtMs: number) {
    this.#folder = folder
    this.order = order
    this.source = source
    this.looks = new Looks(grewAtMs)
  }

  get name(): string {
    return this.order.name
  }

  get path(): string {
    return join(this.#folder, this.order.name)
  }

  /** As last read; null before that, while too little of it is written, and when the file was put away. */
  get head(): Head | null {
    return this.#head
  }

  /**
   * Null until it is known which file it is: without one whole line a file has no identity and is not read.
   * What a position says of the name counts until the head was read.
   */
  get id(): string | null {
    return this.#id
  }

  /** The file by that id. */
  get log(): LogFile | null {
    const id = this.#id
    if (id === null) return null
    this.#log ??= { id, source: this.source, path: this.path, series: this.order.prefix }
    return this.#log
  }

  /** Open while more is to be read at once. */
  get input(): FileInput | null {
    return this.#input
  }

  get openedAtMs(): number {
    return this.#openedAtMs
  }

  get condition(): Condition {
    return this.#condition
  }

  /** True when nothing of it is wanted: it is no tracking log, or too old. */
  get isLeftOut(): boolean {
    return this.#condition === 'refused' || this.#condition === 'passed'
  }

  /** Why it could not be read, or is not; null when neither is so. */
  get notRead(): string | null {
    return this.#condition === 'refused' || this.#failures > 0 ? this.#reason : null
  }

  /** How often in a row it could not be read. */
  get failures(): number {
    return this.#failures
  }

  opened(input: FileInput): void {
    this.#input = input
    this.#openedAtMs = performance.now()
  }

  /** Closes the file if it is open. */
  close(): void {
    const input = this.#input
    this.#input = null
    void input?.close()
  }

  /**
   * It rests, and another is written in its place: there are thousands like it, so what can be read again is not kept.
   * `position`: where reading would go on.
   */
  putAway(position: Position | undefined): void {
    this.close()
    this.content.putAway(position)
    this.#log = null
    if (this.#head === null || this.#head.refusal !== null) return
    this.#head = null
    this.#isPutAway = true
  }

  /** Its position says which file it is. That counts until the head was read. */
  presume(id: string): void {
    this.#id ??= id
  }

  /** By its size it is settled up to `offset`, its end; as if that was found when it was `openedAtMs`. */
  restSettled(id: string, offset: number, openedAtMs: number): void {
    this.presume(id)
    this.content.restSettled(offset)
    this.#openedAtMs = openedAtMs
  }

  /** Whether its head is not known, or was not compared for so long. */
  needsHead(nowMs: number, headCheckMs: number): boolean {
    return this.#head === null || nowMs - this.#headCheckedAtMs >= headCheckMs
  }

  /** The head is to be compared again, however lately it was. */
  doubt(): void {
    this.#headCheckedAtMs = never
  }

  /**
   * Takes in the head read off its first `length` bytes. Without one, as when it was just emptied, the file keeps its
   * identity but is not to be read. When it is another one nothing is forgotten before `replace`.
   */
  identify(head: Head | null, length: number, nowMs: number): Identity {
    // What the folder said before may have been about another one.
    if (this.#head === null && !this.#isPutAway) this.looks.forgetSize()
    this.#isPutAway = false
    this.#headCheckedAtMs = nowMs
    this.#head = head
    if (head === null) {
      this.content.leave()
      if (this.#id === null) this.content.holdsNoLine(length)
      return 'unknown'
    }
    const id = this.#idBy(head)
    if (this.#id !== null && this.#id !== id) return 'another'
    this.presume(id)
    return 'same'
  }

  /** It is the file that its head says, of which nothing was seen yet. */
  replace(): void {
    this.content.replace()
    this.looks.forgetSize()
    this.#condition = 'readable'
    if (this.#head === null) return
    this.#id = this.#idBy(this.#head)
    this.#log = null
  }

  /** Its content has changed. False when it was read again from `offset` before: that need not be said once more. */
  restart(offset: number): boolean {
    this.looks.forgetSize()
    return this.content.restart(offset)
  }

  /** Goes back to its position. When following, a file that rests just there needs no look before its time. */
  rewind(reached: Positions, follow: boolean): void {
    this.doubt()
    const isResting = this.content.rewind(this.#id === null ? undefined : reached.get(this.#id)?.offset)
    if (follow && (isResting || this.#condition === 'passed' || this.#head?.refusal)) return
    // One that is missing, too: once it is found its size is not to say that all of it was read.
    if (this.#id !== null && !isResting) this.content.wake()
    if (this.looks.missingSinceMs === null) this.looks.fallDue(0)
  }

  /** A listing has it again: whatever bears the name now, it is to be looked at. */
  find(): void {
    this.looks.find()
    this.doubt()
  }

  /** All its rows are before `startAt`. */
  pass(): void {
    this.#condition = 'passed'
  }

  /** Says once that it is not read, and why. */
  refuse(refusal: Refusal, log: Log): void {
    if (this.#condition === 'refused') return
    this.#condition = 'refused'
    this.#reason = refusal.message
    log.error(`A file is not read: ${refusal.message}`, { file: this.path, remedy: refusal.remedy })
  }

  failed(error: Error): void {
    this.#failures++
    this.#reason = systemReason(error)
  }

  /** It can't be read, and its folder can. */
  becomeUnreadable(): void {
    this.#condition = 'unreadable'
  }

  /** It was read. True when it was unreadable until now. */
  succeeded(): boolean {
    this.#failures = 0
    if (this.#condition !== 'unreadable') return false
    this.#condition = 'readable'
    return true
  }

  #idBy({ stamp }: Head): string {
    return fileId(this.source, this.name, stamp)
  }
}
