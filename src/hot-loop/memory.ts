/**
 * The memory in which a chunk becomes frames: bytes, tables and output lie in one WebAssembly memory, so that the
 * two hot loops (wasm/split.ts, wasm/encode.ts) reach them, and the rest of the program through plain views.
 *
 *   0        8 KiB         1 MiB       1.5 MiB    9.5 MiB
 *   │ jobs   │ programs    │ rows      │ frames   │ bytes of the chunk │ table of fields and rows │ spare │
 *
 * Only `reserve` makes it larger, which ends all views: it is called before the records of a chunk are made.
 */
import { shippedBytes } from '../package/files.ts'
import { SLACK_BYTES } from './contract.ts'
import { Struct } from './words.ts'

/** What is used of it; the types of Node leave the values out, and those of browsers bring too much. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
  readonly Memory: new (size: {
    readonly initial: number
  }) => {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
}

/** Functions that the hot loops call for what is unusual; see wasm/encode.ts. */
export interface Host {
  value(op: number, row: number, out: number): number
  column(op: number, row: number): number
  header(row: number, out: number): number
  syslog(row: number, severity: number, out: number): number
  overflows(out: number): number
  shorten(row: number, frameStart: number, lineStart: number): number
}

interface HotLoops {
  split(job: number): number
  encode(job: number, next: number): number
}

const PAGE_BYTES = 65_536
const PROGRAMS_AT = 8 << 10
const ROWS_AT = 1 << 20
const FRAMES_AT = ROWS_AT + (512 << 10)
const BYTES_AT = FRAMES_AT + (8 << 20)
/** Most room that is made for what comes by and goes. */
const MOST_SPARE_BYTES = 32 << 20

let code: object | undefined

function hotLoops(): object {
  code ??= new WebAssembly.Module(shippedBytes('dist/rows.wasm'))
  return code
}

/** One for each transform; its content is valid until the next chunk. */
export class WorkMemory {
  /** What the loops are told, and tell. */
  readonly splitJob = new Struct<'SPLIT'>(this, 4096)
  readonly encodeJob = new Struct<'ENCODE'>(this, 6144)
  /** Room for rows' indices and frames' ends, and how many rows that is. */
  readonly rowsAt = ROWS_AT
  readonly frameEndsAt = ROWS_AT + (256 << 10)
  readonly mostRows = 65_536
  readonly framesAt = FRAMES_AT
  readonly frameBytes = BYTES_AT - FRAMES_AT - SLACK_BYTES
  readonly bytesAt = BYTES_AT
  readonly #memory = new WebAssembly.Memory({ initial: (BYTES_AT + (8 << 20)) / PAGE_BYTES })
  readonly #loops: HotLoops
  /** That of the `encode` under way: nothing else calls it. */
  #host!: Host
  #keptEnd = PROGRAMS_AT
  /** Address behind what was reserved, and how many bytes behind that somebody had use for. */
  #reservedEnd = BYTES_AT
  #spareBytes = 0
  #bytes: Buffer
  #words: Uint32Array

  constructor() {
    const host: Host = {
      value: (op, row, out) => this.#host.value(op, row, out),
      column: (op, row) => this.#host.column(op, row),
      header: (row, out) => this.#host.header(row, out),
      syslog: (row, severity, out) => this.#host.syslog(row, severity, out),
      overflows: (out) => this.#host.overflows(out),
      shorten: (row, frameStart, lineStart) => this.#host.shorten(row, frameStart, lineStart),
    }
    const instance = new WebAssembly.Instance(hotLoops(), {
      env: { memory: this.#memory },
      host,
    })
    this.#loops = instance.exports as HotLoops
    this.#bytes = Buffer.from(this.#memory.buffer)
    this.#words = new Uint32Array(this.#memory.buffer)
  }

  /** All of it as bytes: an address is an index. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** All of it as words: an address divided by four is an index. */
  get words(): Uint32Array {
    return this.#words
  }

  /** True when the view lies in this memory, at `byteOffset`. */
  holds(view: Uint8Array | Uint32Array): boolean {
    return view.buffer === this.#memory.buffer
  }

  /** Makes the memory reach up to the address `end`, with some room behind it. Ends all views. */
  reserve(end: number): void {
    this.#reservedEnd = end
    const missing = end + this.#spareBytes + 2 * SLACK_BYTES - this.#memory.buffer.byteLength
    if (missing <= 0) return
    this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
    this.#bytes = Buffer.from(this.#memory.buffer)
    this.#words = new Uint32Array(this.#memory.buffer)
  }

  /**
   * Address of `size` bytes behind what is reserved, which are anyone's again afterwards. Undefined when there are
   * not so many: they may be there after the next `reserve`.
   */
  spare(size: number): number | undefined {
    const at = Math.ceil((this.#reservedEnd + SLACK_BYTES) / 16) * 16
    if (at + size + SLACK_BYTES <= this.#memory.buffer.byteLength) return at
    if (size <= MOST_SPARE_BYTES) this.#spareBytes = Math.max(this.#spareBytes, size + SLACK_BYTES)
    return undefined
  }

  /** Address of `size` bytes that stay what they are; undefined when that room is used up. */
  keep(size: number): number | undefined {
    const at = this.#keptEnd
    const next = at + Math.ceil(size / 16) * 16
    if (next > ROWS_AT) return undefined
    this.#keptEnd = next
    return at
  }

  /** Address behind what is kept. */
  get keptEnd(): number {
    return this.#keptEnd
  }

  /** Gives free all that is kept from this address on. */
  forget(from: number): void {
    this.#keptEnd = from
  }

  /** Address and length of bytes that stay; undefined when the room for them is used up. */
  keepBytes(bytes: Buffer): readonly [address: number, length: number] | undefined {
    const at = this.keep(bytes.length)
    if (at === undefined) return undefined
    this.#bytes.set(bytes, at)
    return [at, bytes.length]
  }

  /** Runs wasm/split.ts on the job at `splitJob`. */
  split(): number {
    return this.#loops.split(this.splitJob.address)
  }

  /** Runs wasm/encode.ts on the job at `encodeJob`, from its row `next` on. */
  encode(next: number, host: Host): number {
    this.#host = host
    return this.#loops.encode(this.encodeJob.address, next)
  }
}
