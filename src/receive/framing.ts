/**
 * Cuts a byte stream into frames. The first byte decides how, for the whole stream: a digit means octet
 * counting (`LENGTH SP MESSAGE`, RFC 6587), anything else means that each frame ends with a line feed.
 *
 * Frames are handed out as slices of the chunk they came in; only a frame that spans chunks is copied. What is
 * kept between chunks never exceeds `maxFrameBytes`, whatever the peer sends.
 */

/** How a deframer is set up. */
export interface DeframerOptions {
  /** A longer frame is an error and is passed over. */
  readonly maxFrameBytes: number
  /** A frame without its line end or count; it stays valid as long as it is kept. */
  onFrame(frame: Buffer): void
  /** A frame that could not be read. `fatal`: nothing after it can be read either. */
  onError(reason: string, fatal: boolean): void
}

type State =
  | { readonly step: 'first' }
  | { readonly step: 'line'; readonly skipping: boolean }
  /** Reading the count: its value so far and how many digits it has. */
  | { readonly step: 'count'; readonly value: number; readonly digits: number }
  | { readonly step: 'body'; readonly missing: number; readonly skipping: boolean }
  | { readonly step: 'broken' }

const lineFeed = 0x0a
const space = 0x20
/** Room that is kept for the next frame that spans chunks; more goes with the frame it was needed for. */
const keptRoom = 8 * 1024
/** More digits than any frame that fits into memory. */
const maxCountDigits = 10
const expectCount: State = { step: 'count', value: 0, digits: 0 }

/** Cuts one stream; not to be shared between connections. */
export class Deframer {
  readonly #options: DeframerOptions
  #state: State = { step: 'first' }
  /** Begin of a frame whose end has not come yet: `#carry[0 … #carried)`. */
  #carry: Buffer = Buffer.alloc(0)
  #carried = 0

  constructor(options: DeframerOptions) {
    this.#options = options
  }

  /** Bytes of memory held for a frame whose end has not come yet. */
  get kept(): number {
    return this.#carried === 0 ? 0 : this.#carry.length
  }

  /** Takes the next bytes of the stream and hands out every frame that is complete now. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      switch (this.#state.step) {
        case 'first':
          this.#state = isDigit(chunk[at]!) ? expectCount : { step: 'line', skipping: false }
          break
        case 'line':
          at = this.#line(chunk, at, this.#state.skipping)
          break
        case 'count':
          at = this.#count(chunk, at, this.#state.value, this.#state.digits)
          break
        case 'body':
          at = this.#body(chunk, at, this.#state.missing, this.#state.skipping)
          break
        case 'broken':
          return
      }
    }
  }

  /** Says that the stream is over: a frame that is not complete then is an error. */
  end(): void {
    const { step } = this.#state
    const midLine = step === 'line' && this.#carried > 0
    const midCount = step === 'count' && this.#state.digits > 0
    const midBody = step === 'body' && !this.#state.skipping
    this.#state = { step: 'broken' }
    if (midLine || midCount || midBody) {
      this.#options.onError('The stream ended in the middle of a frame.', false)
    }
    this.#forget()
  }

  #line(chunk: Buffer, from: number, skipping: boolean): number {
    const end = chunk.indexOf(lineFeed, from)
    if (skipping) {
      if (end < 0) return chunk.length
      this.#state = { step: 'line', skipping: false }
      return end + 1
    }
    const { maxFrameBytes } = this.#options
    const size = this.#carried + (end < 0 ? chunk.length : end) - from
    if (size > maxFrameBytes) {
      this.#tooLong(`more than ${maxFrameBytes}`)
      this.#state = { step: 'line', skipping: true }
      return from
    }
    if (end < 0) {
      this.#keep(chunk, from, chunk.length)
      return chunk.length
    }
    this.#emit(chunk, from, end)
    return end + 1
  }

  #count(chunk: Buffer, at: number, value: number, digits: number): number {
    const byte = chunk[at]!
    if (isDigit(byte) && digits < maxCountDigits && !(digits === 0 && byte === 0x30)) {
      this.#state = { step: 'count', value: value * 10 + byte - 0x30, digits: digits + 1 }
      return at + 1
    }
    if (byte !== space || digits === 0) {
      this.#state = { step: 'broken' }
      this.#options.onError(
        'An octet count must be a number without leading zeros followed by a space; the frames after it are lost.',
        true,
      )
      return chunk.length
    }
    const skipping = value > this.#options.maxFrameBytes
    if (skipping) this.#tooLong(String(value))
    this.#state = { step: 'body', missing: value, skipping }
    return at + 1
  }

  #body(chunk: Buffer, from: number, missing: number, skipping: boolean): number {
    const end = Math.min(from + missing, chunk.length)
    const left = missing - (end - from)
    this.#state = left > 0 ? { step: 'body', missing: left, skipping } : expectCount
    if (!skipping) {
      if (left > 0) this.#keep(chunk, from, end)
      else this.#emit(chunk, from, end)
    }
    return end
  }

  #tooLong(bytes: string): void {
    this.#forget()
    this.#options.onError(
      `A frame of ${bytes} bytes is over the limit of ${this.#options.maxFrameBytes} bytes.`,
      false,
    )
  }

  #emit(chunk: Buffer, from: number, end: number): void {
    if (this.#carried === 0) {
      this.#options.onFrame(chunk.subarray(from, end))
      return
    }
    this.#keep(chunk, from, end)
    const frame = this.#carry.subarray(0, this.#carried)
    // Handed out as it is when its room is not kept.
    const isOurs = this.#carry.length <= keptRoom
    this.#forget()
    this.#options.onFrame(isOurs ? Buffer.from(frame) : frame)
  }

  #forget(): void {
    this.#carried = 0
    if (this.#carry.length > keptRoom) this.#carry = Buffer.alloc(0)
  }

  /** Doubles its room as needed, so that a frame that comes byte by byte costs no more than a few copies. */
  #keep(chunk: Buffer, from: number, end: number): void {
    const size = this.#carried + end - from
    if (size > this.#carry.length) {
      const room = Math.max(size, Math.min(this.#carry.length * 2, this.#options.maxFrameBytes))
      const larger = Buffer.allocUnsafeSlow(room)
      this.#carry.copy(larger, 0, 0, this.#carried)
      this.#carry = larger
    }
    chunk.copy(this.#carry, this.#carried, from, end)
    this.#carried = size
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
