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
import type { WorkMemory } from '../hot-loop/memory.ts'
import { flagsOf } from '../records/fields.ts'

const LF = 0x0a

/** The words of the job, in the order of `SplitJob` in wasm/split.ts. */
const job = {
  base: 0,
  at: 1,
  end: 2,
  columns: 3,
  starts: 4,
  ends: 5,
  flags: 6,
  rowStarts: 7,
  rowEnds: 8,
  fields: 9,
  rows: 10,
  fieldCapacity: 11,
  rowCapacity: 12,
  oddStart: 13,
  oddEnd: 14,
  oddFields: 15,
  timeColumn: 16,
} as const

/** What `split` of wasm/split.ts returns. */
const ODD = 1
const FULL = 2

/** Blocks of 64 bytes are read, also at the end. */
const SLACK_BYTES = 64

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
  }

  /** Takes in the bytes of the next chunk; whatever was here before is gone. */
  load(bytes: Buffer): void {
    const { bytesAt } = this.#memory
    this.#chunkBytes = bytes.length
    this.#place()
    this.#memory.bytes.set(bytes, bytesAt)
    this.#endsLine = bytes.length === 0 || bytes[bytes.length - 1] === LF
    this.#set('base', bytesAt)
    this.#set('at', bytesAt)
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
    this.#set('end', bytesAt + this.#partEnd(limits.bytes))
    this.#set('rowCapacity', Math.min(this.#rowCapacity, this.#mostRows))
    this.#set('fields', 0)
    this.#set('rows', 0)
  }

  /** Offset of the chunk behind all that was split. */
  get end(): number {
    return Math.min(this.#get('at') - this.#memory.bytesAt, this.#chunkBytes)
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

  /** Splits rows of so many columns, one of which may hold a time, to the end of the part or to the first row that is odd. */
  split(columns: number, timeColumn = -1): OddRow | null {
    this.#set('columns', columns)
    this.#set('timeColumn', timeColumn)
    for (;;) {
      if (this.#get('rows') >= this.#mostRows) return null
      this.#ensureRoom(columns)
      const status = this.#memory.split()
      if (status === FULL) continue
      if (status !== ODD) return null
      return { start: this.#get('oddStart'), end: this.#get('oddEnd'), fields: this.#get('oddFields') | 0 }
    }
  }

  /** Lets the next split begin at this offset of the chunk again. */
  goBackTo(start: number): void {
    this.#set('at', this.#memory.bytesAt + start)
  }

  /** Adds a row of the chunk whose fields (in latin1, without quoting) somebody else has found. */
  append(start: number, end: number, fields: readonly string[]): void {
    this.#ensureRoom(fields.length)
    const { words, bytes, bytesAt } = this.#memory
    const first = this.#get('fields')
    const row = this.#get('rows')
    fields.forEach((field, index) => {
      const from = this.#length
      const length = bytes.write(field, bytesAt + from, 'latin1')
      words[this.#get('starts') / 4 + first + index] = from
      words[this.#get('ends') / 4 + first + index] = from + length
      bytes[this.#get('flags') + first + index] = flagsOf(bytes, bytesAt + from, bytesAt + from + length)
      this.#length += length
    })
    words[this.#get('rowStarts') / 4 + row] = start
    words[this.#get('rowEnds') / 4 + row] = end
    this.#set('fields', first + fields.length)
    this.#set('rows', row + 1)
  }

  /** Ends the run of rows of this layout. */
  endRun(layout: Layout): void {
    const fields = this.#get('fields')
    const rows = this.#get('rows')
    if (rows > this.#runRow) {
      this.#runs.push({ layout, fields: [this.#runField, fields], rows: [this.#runRow, rows] })
    }
    this.#runField = fields
    this.#runRow = rows
  }

  /** The records of all runs; valid until the next `load`. */
  runs(of: Pick<Records, 'source' | 'validUtf8'>): readonly Records[] {
    const { bytes, words, bytesAt } = this.#memory
    // The line feed put behind the chunk is not of the log.
    bytes[bytesAt + this.#chunkBytes] = 0
    const content = bytes.subarray(bytesAt, bytesAt + this.#length)
    const view = (
      array: 'starts' | 'ends' | 'rowStarts' | 'rowEnds',
      [from, to]: readonly [number, number],
    ) => words.subarray(this.#get(array) / 4 + from, this.#get(array) / 4 + to)
    return this.#runs.map(({ layout, fields, rows }) => ({
      ...of,
      layout,
      bytes: content,
      count: rows[1] - rows[0],
      starts: view('starts', fields),
      ends: view('ends', fields),
      flags: bytes.subarray(this.#get('flags') + fields[0], this.#get('flags') + fields[1]),
      rowStarts: view('rowStarts', rows),
      rowEnds: view('rowEnds', rows),
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

  #get(word: keyof typeof job): number {
    return this.#memory.words[this.#memory.splitJob / 4 + job[word]] as number
  }

  #set(word: keyof typeof job, value: number): void {
    this.#memory.words[this.#memory.splitJob / 4 + job[word]] = value
  }

  /** Room for one more row at least. */
  #ensureRoom(columns: number): void {
    const fields = this.#get('fields')
    const rows = this.#get('rows')
    if (rows < this.#rowCapacity && fields + columns <= this.#fieldCapacity) return
    const old = (['starts', 'ends', 'rowStarts', 'rowEnds'] as const).map((array) => {
      const at = this.#get(array) / 4
      return [array, this.#memory.words.slice(at, at + (array.startsWith('row') ? rows : fields))] as const
    })
    const flags = Buffer.from(this.#memory.bytes.subarray(this.#get('flags'), this.#get('flags') + fields))
    if (rows === this.#rowCapacity) this.#rowCapacity *= 2
    if (fields + columns > this.#fieldCapacity) {
      this.#fieldCapacity = Math.max(this.#fieldCapacity * 2, fields + columns)
    }
    this.#place()
    for (const [array, values] of old) this.#memory.words.set(values, this.#get(array) / 4)
    this.#memory.bytes.set(flags, this.#get('flags'))
  }

  /** Lays the arrays behind the bytes and the room for irregular rows, whose fields are no longer than they. */
  #place(): void {
    const { bytesAt } = this.#memory
    let at = Math.ceil((bytesAt + 2 * this.#chunkBytes + SLACK_BYTES) / 16) * 16
    const place = (array: keyof typeof job, bytes: number) => {
      places.push([array, at])
      at += Math.ceil(bytes / 16) * 16
    }
    const places: [keyof typeof job, number][] = []
    for (const array of ['starts', 'ends'] as const) place(array, 4 * this.#fieldCapacity)
    for (const array of ['rowStarts', 'rowEnds'] as const) place(array, 4 * this.#rowCapacity)
    place('flags', this.#fieldCapacity)
    this.#memory.reserve(at)
    for (const [array, address] of places) this.#set(array, address)
    this.#set('fieldCapacity', this.#fieldCapacity)
    this.#set('rowCapacity', Math.min(this.#rowCapacity, this.#mostRows))
  }
}
