/** Batches that outlive the memory they were made in, and buffers that are used for that again and again. */
import type { Batch, Origins } from '../flow/batch.ts'

/** Room for the frames of a usual chunk, and more: rows to thousands of recipients may give a hundred times as much. */
export const usualBytes = 5 * 1024 * 1024

/** A batch that shares nothing: its frames lie in `spare`, if that is given and large enough. */
export function copyBatch(
  batch: Batch,
  spare: ArrayBuffer | undefined,
): Batch & { readonly frames: Buffer<ArrayBuffer> } {
  const size = batch.frames.length
  const frames = Buffer.from(roomFor(size, spare), 0, size)
  frames.set(batch.frames)
  // A short Buffer is a piece of a larger one, all of which would go along to another thread.
  const malformed = batch.malformed.map((letter) => ({ ...letter, line: Uint8Array.from(letter.line) }))
  const origins = batch.origins && { origins: copyOrigins(batch.origins) }
  return { ...batch, frames, ends: batch.ends.slice(), malformed, ...origins }
}

function copyOrigins({ offsets, keys, keyEnds }: Origins): Origins {
  return {
    offsets: offsets.slice(),
    keys: Buffer.from(Uint8Array.from(keys).buffer),
    keyEnds: keyEnds.slice(),
  }
}

/** `spare`, if it has so many bytes, or else a new buffer, which has some more for the next time. */
export function roomFor(bytes: number, spare: ArrayBuffer | undefined): ArrayBuffer {
  return spare !== undefined && spare.byteLength >= bytes ? spare : new ArrayBuffer(bytes * 1.25)
}

/** Buffers that wait to be used again: collecting large ones takes the collector long. */
export class SpareMemory {
  readonly #most: number
  readonly #buffers: ArrayBuffer[] = []

  /** Keeps so many at most. */
  constructor(most: number) {
    this.#most = most
  }

  take(): ArrayBuffer | undefined {
    return this.#buffers.pop()
  }

  /** Lets go what is unusually large: it may never be needed again. */
  put(buffer: ArrayBuffer): void {
    if (this.#buffers.length < this.#most && buffer.byteLength <= usualBytes) this.#buffers.push(buffer)
  }
}
