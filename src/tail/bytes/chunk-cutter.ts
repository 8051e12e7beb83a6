/**
 * Cuts a file into chunks: whole lines under one header. It carries no bytes from one chunk to the next: an
 * unfinished last line is read again from its start, so a position is all there is to remember.
 */

import type { LogFile } from '../../flow/chunk.ts'
import type { FileInput } from './byte-input.ts'
import type { ChunkLimits } from './chunk-limits.ts'
import { type Cursor, type Cut, chunkOf, cursorAt, cut, enterHeader, markLength, refuse } from './cut.ts'
import { headerLinesEnd, lineKind, refuseStart } from './header.ts'
import type { ByteInput } from './input.ts'
import type { KnownCuts } from './known-cuts.ts'
import { ReadAhead } from './read-ahead.ts'

const shownLineBytes = 4096
const usualHeaderBytes = 4096
/** So much of a line without an end is read before others have their turn. */
const longLinePartBytes = 16 * 1024 * 1024
const atEnd: Cut = { chunk: null, isAtEnd: true }
const withinLine: Cut = { chunk: null, isAtEnd: false }
const empty = Buffer.alloc(0)

/** Cuts chunks; it owns the buffers they are views of, so a chunk is valid until the next one is cut. */
export class ChunkCutter {
  #buffer: Buffer
  readonly #ahead: ReadAhead
  /** What was read last, if that did not come to its end. */
  #goesOn: ByteInput | null = null
  #hasRead = false
  /** Where the last bytes were cut, if they were read ahead. */
  #cuts: KnownCuts | null = null
  /** For a longer line; kept, since large buffers that come and go leave holes in memory. */
  #larger: Buffer | undefined
  readonly #maxLineBytes: number
  /** Room for the longest line with its CR and LF. */
  readonly #maxBytes: number

  constructor(limits: ChunkLimits) {
    this.#buffer = Buffer.allocUnsafeSlow(limits.chunkBytes)
    this.#ahead = new ReadAhead(limits.chunkBytes, limits.aheadBytes ?? limits.chunkBytes)
    this.#maxLineBytes = Math.max(limits.maxLineBytes, limits.chunkBytes)
    this.#maxBytes = this.#maxLineBytes + 2
  }

  /**
   * The next chunk of `file`, from `cursor` on, which it moves. `isComplete`: the file grows no more, so its
   * unfinished last line counts as a line. Without a chunk and not at the end it is within a line that is too
   * long, and goes on there. Throws a ProblemsError when the file is to be refused.
   */
  async next(input: ByteInput, file: LogFile, cursor: Cursor, isComplete: boolean): Promise<Cut> {
    this.#hasRead = false
    try {
      const cut = await this.#next(input, file, cursor, isComplete)
      if (cut.chunk === null) this.#ahead.giveBack()
      return cut
    } catch (error) {
      this.#renew()
      throw error
    }
  }

  /**
   * What was appended to a file that is left open, behind the `tail` (latin1) of what was read: one read gives both, so
   * it is of the same content as long as its tail is there; null when that is not so. Else as `next`.
   */
  async appended(input: FileInput, file: LogFile, cursor: Cursor, tail: string): Promise<Cut | null> {
    try {
      const start = cursor.offset
      const length = await input.readOnce(this.#buffer, start - tail.length)
      if (this.#buffer.toString('latin1', 0, Math.min(tail.length, length)) !== tail) return null
      const bytes = this.#buffer.subarray(tail.length, length)
      const isEnd = length < this.#buffer.length
      const found = cut(bytes, { isEnd, isFinal: false, isGrown: false }, file, cursor)
      if (found !== null) return found
      if (!isEnd) return withinLine
      cursor.seenEnd = start + bytes.length
      return atEnd
    } catch (error) {
      this.#renew()
      throw error
    }
  }

  /** A read that was given up may still fill what there was. */
  #renew(): void {
    this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length)
    this.#larger = undefined
    this.end()
  }

  /** Whether the last chunk was read for it; else it was read ahead, with one before. */
  get hasRead(): boolean {
    return this.#hasRead
  }

  /** What was read ahead of the file at `path` may be other content than it has. */
  forget(path: string): void {
    this.#ahead.forget(path)
  }

  /** Gives memory back: the next chunk is not wanted soon. */
  end(): void {
    this.#goesOn = null
    this.#ahead.end()
  }

  /** What stands at `position` of the file, as much as `buffer` takes; fewer bytes only at the end. */
  async #read(input: ByteInput, file: LogFile, buffer: Buffer, position: number): Promise<Buffer> {
    const isUsual = input.isFile === true && buffer === this.#buffer
    let bytes = isUsual ? this.#ahead.at(input, position) : null
    this.#cuts = bytes && this.#ahead.cuts
    if (bytes !== null) return bytes
    this.#hasRead = true
    // Who reads several files in turn has no use for what is behind the chunk.
    if (isUsual && (this.#goesOn === input || (input.end ?? 0) > position + buffer.length))
      bytes = await this.#ahead.read(input, file, position)
    this.#cuts = bytes && this.#ahead.cuts
    bytes ??= buffer.subarray(0, await input.read(buffer, position))
    this.#goesOn = bytes.length < buffer.length ? null : input
    return bytes
  }

  async #next(input: ByteInput, file: LogFile, cursor: Cursor, isComplete: boolean): Promise<Cut> {
    await this.#readLayout(input, file, cursor)
    // Such a line was found before; what is known of it need not be read again.
    if (cursor.seenEnd - cursor.offset >= this.#maxBytes)
      return this.#skipLine(input, file, cursor, isComplete)
    let buffer = this.#buffer
    for (;;) {
      const start = cursor.offset
      const bytes = await this.#read(input, file, buffer, start)
      const isEnd = bytes.length < buffer.length
      const isFinal = isEnd && isComplete
      if (start === 0) refuse(file, refuseStart(bytes))
      const read = { isEnd, isFinal, isGrown: buffer !== this.#buffer }
      const found =
        this.#cuts === null ? cut(bytes, read, file, cursor) : this.#cuts.cut(bytes, read, file, cursor)
      if (found !== null) return found
      if (isEnd) {
        cursor.seenEnd = start + bytes.length
        return atEnd
      }
      if (cursor.offset > start) buffer = this.#buffer
      else if (buffer.length < this.#maxBytes) {
        const bytes = Math.min(buffer.length * 4, this.#maxBytes)
        if (this.#larger === undefined || this.#larger.length < bytes) {
          this.#larger = Buffer.allocUnsafeSlow(bytes)
        }
        buffer = this.#larger
      } else if (!this.#enterEndlessHeader(bytes, file, cursor)) {
        return this.#skipLine(input, file, cursor, isComplete)
      }
    }
  }

  /** Looks for the end of a line over the limit, a part of it at a time and without holding it, and passes it on as malformed. */
  async #skipLine(input: ByteInput, file: LogFile, cursor: Cursor, isComplete: boolean): Promise<Cut> {
    const start = cursor.offset
    this.#hasRead = true
    if (cursor.longLine?.start !== start) {
      const line = Buffer.alloc(Math.min(shownLineBytes, this.#maxLineBytes))
      cursor.longLine = { start, shown: line.subarray(0, await input.read(line, start)) }
    }
    const { shown } = cursor.longLine
    let at = Math.max(cursor.seenEnd, start)
    const partEnd = at + Math.max(longLinePartBytes, this.#maxBytes)
    for (;;) {
      const length = await input.read(this.#buffer, at)
      const lineEnd = this.#buffer.subarray(0, length).indexOf('\n')
      const isEnd = length < this.#buffer.length
      at += lineEnd < 0 ? length : lineEnd + 1
      if (lineEnd < 0 && !isEnd && at < partEnd) continue
      cursor.seenEnd = at
      if (lineEnd < 0 && !isEnd) return withinLine
      if (lineEnd < 0 && !isComplete) return atEnd
      cursor.offset = at
      delete cursor.longLine
      const reason = `line longer than ${this.#maxLineBytes} bytes`
      const malformed = [{ path: file.path, offset: start, reason, line: shown }]
      return { chunk: { ...chunkOf(file, cursor, start, empty), malformed }, isAtEnd: lineEnd < 0 }
    }
  }

  /** A header block over the limit counts as far as it was read. False when `bytes` begin with a row. */
  #enterEndlessHeader(bytes: Buffer, file: LogFile, cursor: Cursor): boolean {
    const at = cursor.offset === 0 ? markLength(bytes, false) : 0
    const end = lineKind(bytes, at) === 'header' ? bytes.lastIndexOf('\n') + 1 : 0
    if (end === 0) return false
    enterHeader(bytes.subarray(at, end), cursor.offset + at, file, cursor)
    cursor.offset += end
    return true
  }

  /** Reads the header block that the cursor's position names. */
  async #readLayout(input: ByteInput, file: LogFile, cursor: Cursor): Promise<void> {
    if (cursor.layout !== undefined) return
    cursor.layout = null
    if (cursor.header < 0) return
    this.#hasRead = true
    const span = Math.min(cursor.offset - cursor.header, this.#maxBytes)
    for (let length = Math.min(usualHeaderBytes, span); ; length = Math.min(length * 4, span)) {
      const buffer = Buffer.allocUnsafe(length)
      const bytes = buffer.subarray(0, await input.read(buffer, cursor.header))
      const end = headerLinesEnd(bytes)
      if (end === bytes.length && length < span) continue
      if (end > 0) enterHeader(bytes.subarray(0, end), cursor.header, file, cursor)
      break
    }
    if (cursor.layout === null) await this.#findLayout(input, file, cursor)
  }

  /** Where the position says stands no header: the one in force is looked for from the start of the file. */
  async #findLayout(input: ByteInput, file: LogFile, cursor: Cursor): Promise<void> {
    cursor.header = -1
    const from = cursorAt()
    for (let isAtEnd = false; !isAtEnd && from.offset < cursor.offset; ) {
      const cut = await this.#next(input, file, from, false)
      const { header, layout } = cut.chunk ?? { header: from.header, layout: from.layout ?? null }
      if ((cut.chunk?.start ?? from.offset) > cursor.offset) break
      cursor.header = header
      cursor.layout = layout
      isAtEnd = cut.isAtEnd
    }
    // Where chunks end does not depend on what was looked for.
    this.#goesOn = null
    this.#ahead.giveBack()
  }
}
