/** TLS on the wire: records, each with its type in the clear (RFC 5246, 6.2.1; RFC 8446, 5.1). */

export const handshakeRecord = 22

const headerBytes = 5

/** Follows the records of a stream, however its bytes come in pieces. */
export class TlsRecords {
  readonly #header = Buffer.alloc(headerBytes)
  #headerLength = 0
  /** Of the record at hand, once its header is there. */
  #type = -1
  #left = 0

  /** Whether part of a record of this type is in the bytes that come next. */
  hold(bytes: Buffer, type: number): boolean {
    let found = false
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        const taken = bytes.copy(this.#header, this.#headerLength, at, at + headerBytes - this.#headerLength)
        at += taken
        this.#headerLength += taken
        if (this.#header[0] === type) found = true
        if (this.#headerLength < headerBytes) break
        this.#headerLength = 0
        this.#type = this.#header[0] as number
        this.#left = this.#header.readUInt16BE(3)
        continue
      }
      if (this.#type === type) found = true
      const taken = Math.min(this.#left, bytes.length - at)
      this.#left -= taken
      at += taken
    }
    return found
  }
}
