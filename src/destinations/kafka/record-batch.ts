/**
 * Records → a record batch as brokers take it (version 2 of the format):
 *
 *   base offset 8 │ length 4 │ leader epoch 4 │ magic 1 │ crc 4 │ attributes 2 │ last offset delta 4 │ first time 8 │
 *   last time 8 │ producer id 8 │ producer epoch 2 │ base sequence 4 │ count 4 │ records, compressed together
 *
 *   a record: length │ attributes │ time delta │ offset delta │ key │ value │ headers    (lengths as variable integers)
 *
 * The records are made once; who sends them, and as which in his sequence, is put in when they go out.
 */

/** The records of a batch, ready but for its header. */
export interface RecordsBody {
  readonly count: number
  /** Of all records, in milliseconds since 1970. */
  readonly timeMs: number
  /** 0 for none; gzip 1, snappy 2, lz4 3, zstd 4. */
  readonly compression: number
  /** The records behind room for the header, `HEADER_BYTES`. */
  readonly batch: Buffer
}

/** Who sends a batch: an idempotent producer and its place in the sequence of the partition; all -1 without. */
export interface Sender {
  readonly id: bigint
  readonly epoch: number
  readonly sequence: number
  /** It is part of a transaction. */
  readonly isTransactional?: boolean
}

/** Whoever sends without being known again. */
export const anybody: Sender = { id: -1n, epoch: -1, sequence: -1 }

/** In front of the records of a batch. */
export const HEADER_BYTES = 61
/** Behind the base offset and the length itself, which the length does not count. */
const AFTER_LENGTH = 12
const CRC_AT = 17
const transactional = 0x10
const CRC_FROM = 21

/** A header of a record, ready to be put into one. */
export function headerBytes(name: string, value: string | Buffer): Buffer {
  const key = Buffer.from(name)
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const out = Buffer.allocUnsafe(key.length + bytes.length + 10)
  let at = writeVarint(out, 0, key.length)
  at += key.copy(out, at)
  at = writeVarint(out, at, bytes.length)
  at += bytes.copy(out, at)
  return out.subarray(0, at)
}

/** How many bytes a record takes at most beside its key, its value and the headers that all have, before it is compressed. */
export const MOST_RECORD_OVERHEAD = 64

/** Bytes of a Buffer, none where both are the same. */
export interface Span {
  readonly bytes: Buffer
  start: number
  end: number
}

/** Writes records one after the other, not compressed, into room that was reckoned before, behind that for the header. */
export class RecordsWriter {
  readonly #out: Buffer
  /** Those that all records have, and how many. */
  readonly #headers: Buffer
  readonly #headerCount: number
  #at = HEADER_BYTES
  #count = 0

  constructor(room: Buffer, headers: readonly Buffer[]) {
    this.#out = room
    this.#headers = Buffer.concat(headers)
    this.#headerCount = headers.length
  }

  /** Without a value it is a mark that what had the key is removed. `offset`: a last header of that name; none for -1. */
  append(key: Span, value: Span | null, offset: number): void {
    const out = this.#out
    const delta = this.#count++
    const keyBytes = key.end - key.start
    const keyLength = keyBytes === 0 ? -1 : keyBytes
    const valueLength = value === null ? -1 : value.end - value.start
    const digits = offset < 0 ? '' : String(offset)
    const headers = this.#headerCount + (offset < 0 ? 0 : 1)
    const offsetBytes = offset < 0 ? 0 : offsetName.length + 1 + digits.length
    const size =
      2 +
      varintBytes(delta) +
      varintBytes(keyLength) +
      keyBytes +
      varintBytes(valueLength) +
      Math.max(0, valueLength) +
      varintBytes(headers) +
      this.#headers.length +
      offsetBytes
    let at = writeVarint(out, this.#at, size)
    out[at++] = 0
    out[at++] = 0
    at = writeVarint(out, at, delta)
    at = writeVarint(out, at, keyLength)
    if (keyBytes > 0) at += key.bytes.copy(out, at, key.start, key.end)
    at = writeVarint(out, at, valueLength)
    if (value !== null) at += value.bytes.copy(out, at, value.start, value.end)
    at = writeVarint(out, at, headers)
    at += this.#headers.copy(out, at)
    if (offset >= 0) {
      at += offsetName.copy(out, at)
      at = writeVarint(out, at, digits.length)
      at += out.write(digits, at, 'latin1')
    }
    this.#at = at
  }

  /** All of them, behind room for the header. */
  get batch(): Buffer {
    return this.#out.subarray(0, this.#at)
  }
}

/** Puts the header in front of the records, which then go out so; `crc32c` is that of the client. */
export function recordBatch(body: RecordsBody, sender: Sender, crc32c: (bytes: Buffer) => number): Buffer {
  const { count, timeMs, compression, batch: out } = body
  out.writeBigInt64BE(0n, 0)
  out.writeInt32BE(out.length - AFTER_LENGTH, 8)
  out.writeInt32BE(-1, 12)
  out[16] = 2
  out.writeInt16BE(compression | (sender.isTransactional ? transactional : 0), 21)
  out.writeInt32BE(count - 1, 23)
  out.writeBigInt64BE(BigInt(timeMs), 27)
  out.writeBigInt64BE(BigInt(timeMs), 35)
  out.writeBigInt64BE(sender.id, 43)
  out.writeInt16BE(sender.epoch, 51)
  out.writeInt32BE(sender.sequence, 53)
  out.writeInt32BE(count, 57)
  out.writeUInt32BE(crc32c(out.subarray(CRC_FROM)), CRC_AT)
  return out
}

/** Numbers near 0 take one byte, whatever their sign. */
function writeVarint(out: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let to = at
  while (rest > 0x7f) {
    out[to++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[to++] = rest
  return to
}

function varintBytes(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let bytes = 1
  while (rest > 0x7f) {
    rest >>>= 7
    bytes++
  }
  return bytes
}

const offsetName = lengthFirst('offset')

function lengthFirst(text: string): Buffer {
  const bytes = Buffer.alloc(text.length + 1)
  writeVarint(bytes, 0, text.length)
  bytes.write(text, 1, 'latin1')
  return bytes
}
