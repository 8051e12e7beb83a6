/**
 * The bytes of a chunk and, behind them, the arrays of `Records`, in the memory of the hot loops:
 *
 *   bytes              [ the chunk ][ fields of irregular rows ]
 *   starts ends flags  [row 0: c0 c1 … cN-1][row 1: c0 c1 … cN-1] …
 *   rowStarts rowEnds  [row 0][row 1] …
 *
 * Rows of one layout form a run; the next run begins behind it, with its own number of columns.
 */

import type { Layout } from '../flow/chunk.ts'
import type { PartLimits } from '../flow/in-parts.ts'
import type { Records } from '../flow/records.ts'
import {
  SLACK_BYTES,
  SPLIT_AT,
  SPLIT_BASE,
  SPLIT_COLUMNS,
  SPLIT_END,
  SPLIT_ENDS,
  SPLIT_FIELD_CAPACITY,
  SPLIT_FIELDS,
  SPLIT_FLAGS,
  SPLIT_ODD_END,
  SPLIT_ODD_FIELDS,
  SPLIT_ODD_START,
  SPLIT_ROW_CAPACITY,
  SPLIT_ROW_ENDS,
  SPLIT_ROW_STARTS,
  SPLIT_ROWS,
  SPLIT_STARTS,
  SPLIT_TIME_COLUMN,
  STATUS_FULL,
  STATUS_ODD,
} from '../hot-loop/contract.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import type { Struct, Word } from '../hot-loop/words.ts'
import { flagsOf } from '../records/fields.ts'

const LF = 0x0a

/** Arrays with a word for each field, and with a word for each row. */
const fieldArrays = [SPLIT_STARTS, SPLIT_ENDS] as const
const rowArrays = [SPLIT_ROW_STARTS, SPLIT_ROW_ENDS] as const

/** A row that is not what the layout expects; offsets of the chunk. */
export interface OddRow {
  readonly start: number
  readonly end: number
  /** How many fields it has; -1 with a stray or unclosed quote. As many as expected: its time is none. */
  readonly fields: number
}

interface Run {
  readonly layout: Layout
  readonly fields: readonly [number, number]
  readonly rows: readonly [number, number]
}

const whole: PartLimits = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

export class RowTable {
  readonly #memory: WorkMemory
  readonly #job: Struct<'SPLIT'>
  #fieldCapacity = 1 << 16
  #rowCapacity = 1 << 11
  #chunkBytes = 0
  /** Whether a line feed is to be thought behind the chunk. */
  #endsLine = true
  #mostRows = 0
  /** Bytes of the chunk, of a line feed behind it, and of the fields behind that. */
  #length = 0
  #runs: Run[] = []
  #runField = 0
  #runRow = 0

  constructor(memory: WorkMemory) {
    this.#memory = memory
    this.#job = memory.splitJob
  }

  /** Takes in the bytes of the next chunk; whatever was here before is gone. */
  load(bytes: Buffer): void {
    const { bytesAt } = this.#memory
    this.#chunkBytes = bytes.length
    this.#place()
    this.#memory.bytes.set(bytes, bytesAt)
    this.#endsLine = bytes.length === 0 || bytes[bytes.length - 1] === LF
    this.#job.set(SPLIT_BASE, bytesAt)
    this.#job.set(SPLIT_AT, bytesAt)
    this.beginPart(whole)
  }

  /**
   * Begins with a part of the chunk, where the one before it ended, in place of the whole: its rows are the only ones
   * from now on.
   */
  beginPart(limits: PartLimits): void {
    const { bytesAt, bytes } = this.#memory
    this.#length = this.#chunkBytes + 1
    this.#runs = []
    this.#runField = this.#runRow = 0
    this.#mostRows = limits.rows
    bytes[bytesAt + this.#chunkBytes] = LF
    this.#job.set(SPLIT_END, bytesAt + this.#partEnd(limits.bytes))
    this.#job.set(SPLIT_ROW_CAPACITY, Math.min(this.#rowCapacity, this.#mostRows))
    this.#job.set(SPLIT_FIELDS, 0)
    this.#job.set(SPLIT_ROWS, 0)
  }

  /** Offset of the chunk behind all that was split. */
  get end(): number {
    return Math.min(this.#job.get(SPLIT_AT) - this.#memory.bytesAt, this.#chunkBytes)
  }

  /** Whether no part is left. */
  get isDone(): boolean {
    return this.end === this.#chunkBytes
  }

  /** Bytes of the chunk, valid until the memory grows. */
  bytes(start: number, end: number): Buffer {
    const { bytes, bytesAt } = this.#memory
    return bytes.subarray(bytesAt + start, bytesAt + end)
  }

  /** Whether a line begins at this offset of the chunk, as every row does but one that is looked at again. */
  beginsLine(start: number): boolean {
    const { bytes, bytesAt } = this.#memory
    return start === 0 || bytes[bytesAt + start - 1] === LF
  }

  /** Splits rows of so many columns, one of which may hold a time, to the end of the part or to the first row that is odd. */
  split(columns: number, timeColumn = -1): OddRow | null {
    this.#job.set(SPLIT_COLUMNS, columns)
    this.#job.set(SPLIT_TIME_COLUMN, timeColumn)
    for (;;) {
      if (this.#job.get(SPLIT_ROWS) >= this.#mostRows) return null
      this.#ensureRoom(columns)
      const status = this.#memory.split()
      if (status === STATUS_FULL) continue
      if (status !== STATUS_ODD) return null
      return {
        start: this.#job.get(SPLIT_ODD_START),
        end: this.#job.get(SPLIT_ODD_END),
        fields: this.#job.get(SPLIT_ODD_FIELDS) | 0,
      }
    }
  }

  /** Lets the next split begin at this offset of the chunk again. */
  goBackTo(start: number): void {
    this.#job.set(SPLIT_AT, this.#memory.bytesAt + start)
  }

  /** Adds a row of the chunk whose fields (in latin1, without quoting) somebody else has found. */
  append(start: number, end: number, fields: readonly string[]): void {
    this.#ensureRoom(fields.length)
    const { words, bytes, bytesAt } = this.#memory
    const first = this.#job.get(SPLIT_FIELDS)
    const row = this.#job.get(SPLIT_ROWS)
    const starts = this.#job.get(SPLIT_STARTS) / 4 + first
    const ends = this.#job.get(SPLIT_ENDS) / 4 + first
    const flags = this.#job.get(SPLIT_FLAGS) + first
    // One call for all of them: each takes longer than what it copies.
    bytes.write(fields.join(''), bytesAt + this.#length, 'latin1')
    let at = this.#length
    for (let index = 0; index < fields.length; index++) {
      const end = at + (fields[index] as string).length
      words[starts + index] = at
      words[ends + index] = end
      bytes[flags + index] = flagsOf(bytes, bytesAt + at, bytesAt + end)
      at = end
    }
    this.#length = at
    words[this.#job.get(SPLIT_ROW_STARTS) / 4 + row] = start
    words[this.#job.get(SPLIT_ROW_ENDS) / 4 + row] = end
    this.#job.set(SPLIT_FIELDS, first + fields.length)
    this.#job.set(SPLIT_ROWS, row + 1)
  }

  /** Ends the run of rows of this layout. */
  endRun(layout: Layout): void {
    const fields = this.#job.get(SPLIT_FIELDS)
    const rows = this.#job.get(SPLIT_ROWS)
    if (rows > this.#runRow) {
      this.#runs.push({ layout, fields: [this.#runField, fields], rows: [this.#runRow, rows] })
    }
    this.#runField = fields
    this.#runRow = rows
  }

  /** The records of all runs; valid until the next `load`. */
  runs({ source, validUtf8 }: Pick<Records, 'source' | 'validUtf8'>): readonly Records[] {
    const { bytes, words, bytesAt } = this.#memory
    // The line feed put behind the chunk is not of the log.
    bytes[bytesAt + this.#chunkBytes] = 0
    const content = bytes.subarray(bytesAt, bytesAt + this.#length)
    const view = (
      array: (typeof fieldArrays)[number] | (typeof rowArrays)[number],
      [from, to]: readonly [number, number],
    ) => words.subarray(this.#job.get(array) / 4 + from, this.#job.get(array) / 4 + to)
    return this.#runs.map(({ layout, fields, rows }) => ({
      // One by one: names behind a spread are looked for anew each time, which takes longer than a few rows.
      source,
      validUtf8,
      layout,
      bytes: content,
      count: rows[1] - rows[0],
      starts: view(SPLIT_STARTS, fields),
      ends: view(SPLIT_ENDS, fields),
      flags: bytes.subarray(this.#job.get(SPLIT_FLAGS) + fields[0], this.#job.get(SPLIT_FLAGS) + fields[1]),
      rowStarts: view(SPLIT_ROW_STARTS, rows),
      rowEnds: view(SPLIT_ROW_ENDS, rows),
    }))
  }

  /** Behind the last whole line of so many bytes, or behind the first line when that is longer. */
  #partEnd(mostBytes: number): number {
    const all = this.#chunkBytes + (this.#endsLine ? 0 : 1)
    const start = this.end
    if (all - start <= mostBytes) return all
    const rest = this.bytes(start, this.#chunkBytes)
    const end = rest.lastIndexOf(LF, mostBytes - 1)
    const behind = (end < 0 ? rest.indexOf(LF) : end) + 1
    return behind === 0 ? all : start + behind
  }

  /** Room for one more row at least. */
  #ensureRoom(columns: number): void {
    const fields = this.#job.get(SPLIT_FIELDS)
    const rows = this.#job.get(SPLIT_ROWS)
    if (rows < this.#rowCapacity && fields + columns <= this.#fieldCapacity) return
    const copyOf = (array: Word<'SPLIT'>, length: number) => {
      const at = this.#job.get(array) / 4
      return [array, this.#memory.words.slice(at, at + length)] as const
    }
    const old = [
      ...fieldArrays.map((array) => copyOf(array, fields)),
      ...rowArrays.map((array) => copyOf(array, rows)),
    ]
    const flags = Buffer.from(
      this.#memory.bytes.subarray(this.#job.get(SPLIT_FLAGS), this.#job.get(SPLIT_FLAGS) + fields),
    )
    if (rows === this.#rowCapacity) this.#rowCapacity *= 2
    if (fields + columns > this.#fieldCapacity) {
      this.#fieldCapacity = Math.max(this.#fieldCapacity * 2, fields + columns)
    }
    this.#place()
    for (const [array, values] of old) this.#memory.words.set(values, this.#job.get(array) / 4)
    this.#memory.bytes.set(flags, this.#job.get(SPLIT_FLAGS))
  }

  /** Lays the arrays behind the bytes and the room for irregular rows, whose fields are no longer than they. */
  #place(): void {
    const { bytesAt } = this.#memory
    let at = Math.ceil((bytesAt + 2 * this.#chunkBytes + SLACK_BYTES) / 16) * 16
    const place = (array: Word<'SPLIT'>, bytes: number) => {
      places.push([array, at])
      at += Math.ceil(bytes / 16) * 16
    }
    const places: [Word<'SPLIT'>, number][] = []
    for (const array of fieldArrays) place(array, 4 * this.#fieldCapacity)
    for (const array of rowArrays) place(array, 4 * this.#rowCapacity)
    place(SPLIT_FLAGS, this.#fieldCapacity)
    this.#memory.reserve(at)
    for (const [array, address] of places) this.#job.set(array, address)
    this.#job.set(SPLIT_FIELD_CAPACITY, this.#fieldCapacity)
    this.#job.set(SPLIT_ROW_CAPACITY, Math.min(this.#rowCapacity, this.#mostRows))
  }
}
