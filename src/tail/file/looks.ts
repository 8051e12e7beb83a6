/** When a file is looked at, and what its folder says of it. All times are of `performance.now()`: the clock of the machine may jump. */
import type { Stats } from 'node:fs'

const never = Number.NEGATIVE_INFINITY

/** What changes with a file, whatever is done to it; and since when it is so. */
interface Sign extends Pick<Stats, 'size' | 'ctimeMs' | 'ino'> {
  readonly sinceMs: number
}

/** The looks at one file: the last ones and the next. */
export class Looks {
  readonly foundAtMs = performance.now()
  #dueAtMs = 0
  #lookedAtMs = never
  #grewAtMs: number
  #surveyedAtMs = never
  #seenAtMs = never
  #wasNewest = false
  #missingSinceMs: number | null = null
  #size: number | null = null
  #modifiedAtMs: number | null = null
  #sign: Sign | null = null

  /** `grewAtMs` says how lively the file is taken to be. */
  constructor(grewAtMs: number) {
    this.#grewAtMs = grewAtMs
  }

  /** When it is looked at next; infinity for not at all. */
  get dueAtMs(): number {
    return this.#dueAtMs
  }

  /** When all of it was read last. */
  get lookedAtMs(): number {
    return this.#lookedAtMs
  }

  get grewAtMs(): number {
    return this.#grewAtMs
  }

  /** When its folder was asked for its size last. */
  get surveyedAtMs(): number {
    return this.#surveyedAtMs
  }

  /** When its end was seen last, read or asked of the folder, */
  get seenAtMs(): number {
    return this.#seenAtMs
  }

  /** and whether it was the newest of its prefix then. */
  get wasNewest(): boolean {
    return this.#wasNewest
  }

  /** Since when listings of the folder lack the file; null while they have it. */
  get missingSinceMs(): number | null {
    return this.#missingSinceMs
  }

  /** Its size as the folder says; null before it was asked about this content. */
  get size(): number | null {
    return this.#size
  }

  /** When it was modified, as the folder says; null before it was asked. */
  get modifiedAtMs(): number | null {
    return this.#modifiedAtMs
  }

  /** Whether it may have more than was seen: it was being written then, or nobody looked. */
  get isOpenEnded(): boolean {
    return this.#wasNewest || this.#seenAtMs === never
  }

  /** Whether its folder was asked since and said that it is a regular file. */
  isRegularAt(sinceMs: number): boolean {
    return this.#size !== null && this.#surveyedAtMs >= sinceMs
  }

  fallDue(dueAtMs: number): void {
    this.#dueAtMs = dueAtMs
  }

  looked(nowMs: number): void {
    this.#lookedAtMs = nowMs
  }

  grew(nowMs: number): void {
    this.#grewAtMs = nowMs
  }

  /** Its end was seen. */
  saw(nowMs: number, isNewest: boolean): void {
    this.#seenAtMs = nowMs
    this.#wasNewest = isNewest
  }

  /** The folder is asked for its size. */
  survey(nowMs: number): void {
    this.#surveyedAtMs = nowMs
  }

  /** What the folder answered. */
  measured(size: number, modifiedAtMs: number, nowMs: number, isNewest: boolean): void {
    if (this.#size !== null && size > this.#size) this.#grewAtMs = nowMs
    this.saw(nowMs, isNewest)
    this.#size = size
    this.#modifiedAtMs = modifiedAtMs
  }

  /** Whether its folder tells every change of it. */
  get isTold(): boolean {
    return this.#sign !== null
  }

  /** Since when the folder, which answers this now, answers the same. */
  sameSince({ size, ctimeMs, ino }: Stats): number {
    const sign = this.#sign
    if (sign?.size === size && sign.ctimeMs === ctimeMs && sign.ino === ino) return sign.sinceMs
    this.#sign = { size, ctimeMs, ino, sinceMs: performance.now() }
    return this.#sign.sinceMs
  }

  /** What the folder said may have been about other content. */
  forgetSize(): void {
    this.#size = null
  }

  /** A listing lacks the file: it is not looked at until it is found. Returns since when it is missing. */
  miss(nowMs: number): number {
    this.#missingSinceMs ??= nowMs
    this.#dueAtMs = Number.POSITIVE_INFINITY
    return this.#missingSinceMs
  }

  /** A listing has it: it is looked at at once. */
  find(): void {
    this.#missingSinceMs = null
    this.#dueAtMs = 0
  }
}
