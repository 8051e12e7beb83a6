/** A growing buffer that is written from front to back and used again for the next batch. */
export class ByteWriter {
  bytes: Buffer
  /** Bytes written so far; setting it back takes back what was written since. */
  length = 0

  /** Begins with a buffer of its own of `capacity` bytes, or with one that is there. */
  constructor(capacity: number | Buffer = 1 << 20) {
    this.bytes = typeof capacity === 'number' ? Buffer.allocUnsafeSlow(capacity) : capacity
  }

  /** Makes room for `size` more bytes, so that what follows may write without asking. */
  reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + size))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  writeByte(byte: number): void {
    this.bytes[this.length++] = byte
  }

  /** Copies from[start … end); the room must be reserved. */
  write(from: Buffer, start = 0, end = from.length): void {
    const { bytes } = this
    let to = this.length
    // A call into the runtime costs more than a short loop.
    if (end - start > 40) from.copy(bytes, to, start, end)
    else for (let at = start; at < end; at++) bytes[to++] = from[at] as number
    this.length += end - start
  }

  /** Writes a non-negative integer below 2^53 in decimal digits; the room must be reserved. */
  writeInteger(value: number): void {
    let digits = 1
    for (let power = 10; power <= value; power *= 10) digits++
    let rest = value
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const tenth = Math.floor(rest / 10)
      this.bytes[at] = 0x30 + (rest - tenth * 10)
      rest = tenth
    }
    this.length += digits
  }
}
