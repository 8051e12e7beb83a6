/** What of the inputs is converted at a time, and as what it comes back: plain data, which goes from thread to thread. */
import type { Chunk, Malformed } from '../../flow/chunk.ts'
import type { Transform } from '../../flow/in-parts.ts'
import type { ExportSettings } from '../../formats/exports.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { PartReader } from '../../tail/bytes/file-chunks.ts'
import type { FilePart } from '../../tail/bytes/file-parts.ts'
import type { ByteInput } from '../../tail/bytes/input.ts'
import { createEventTransform, type EventOptions } from '../../transform/event-transform.ts'
import { unreadable } from '../inputs/find-inputs.ts'
import { textOf } from '../inputs/texts.ts'

/** What a thread needs to know. */
export interface ConvertWork {
  readonly options: EventOptions
  readonly exports: ExportSettings
}

/** A file, or a part of one that is open. */
export interface Portion {
  readonly path: string
  readonly part: (FilePart & { readonly descriptor: number }) | null
}

/** Events of a portion, and what became of its lines. */
export interface Made {
  readonly frames: Uint8Array
  readonly events: number
  readonly filtered: number
  readonly malformed: readonly Pick<Malformed, 'offset' | 'reason'>[]
  /** So far its file is read, in bytes. */
  readonly end: number
}

/** How a portion ended: with the header block that is in force behind it, or with what is wrong. */
export interface Ended {
  readonly header: number
  readonly problems: readonly Problem[]
}

/** Converts portions one after the other; each thread has one. */
export class PortionConverter {
  readonly #transform: Transform
  readonly #exports: ExportSettings
  readonly #stop: AbortSignal
  readonly #reader = new PartReader()

  /** `stop` ends it, whatever hangs. */
  constructor({ options, exports }: ConvertWork, stop: AbortSignal) {
    this.#transform = createEventTransform(options)
    this.#exports = exports
    this.#stop = stop
  }

  /** Each item is valid until the next one is asked for. `input`: what a part of a file is read by. */
  async *convert(portion: Portion, input: ByteInput | null): AsyncGenerator<Made, Ended> {
    const chunks = this.#chunks(portion, input)
    try {
      for (;;) {
        const next = await chunks.next()
        if (next.done) return { header: next.value ?? -1, problems: [] }
        for (const { frames, counts, position, malformed } of this.#transform(next.value)) {
          yield {
            frames,
            events: counts.events,
            filtered: counts.filtered,
            malformed: malformed.map(({ offset, reason }) => ({ offset, reason })),
            end: position.offset,
          }
        }
      }
    } catch (error) {
      const problems = error instanceof ProblemsError ? error.problems : [unreadable(portion.path, error)]
      return { header: -1, problems }
    }
  }

  #chunks({ path, part }: Portion, input: ByteInput | null): AsyncGenerator<Chunk, number | undefined> {
    return part === null || input === null
      ? textOf(path, this.#stop, this.#exports).chunks()
      : this.#reader.chunks(input, path, part)
  }
}
