/** Who converts portions one after the other: a thread, or this one beside its other work. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileInput } from '../../tail/bytes/byte-input.ts'
import { roomFor, SpareMemory } from '../../transform/batch-copy.ts'
import { type ConvertWork, type Portion, PortionConverter } from './portion.ts'
import { Results } from './results.ts'
import { mostWaiting, Room } from './room.ts'

export interface Converter {
  /** How many portions it has. */
  readonly portions: number
  /** Converts one when those before are converted; `file`: what it is a part of. */
  begin(portion: Portion, file: FileInput | null): Results
}

/** This thread; it copies only what has to wait for its turn. */
export class OwnThread implements Converter {
  portions = 0
  readonly #converter: PortionConverter
  readonly #onFree: () => void
  readonly #room = new Room()
  readonly #spare = new SpareMemory(mostWaiting)

  /** `onFree`: it could take another portion. */
  constructor(work: ConvertWork, stop: AbortSignal, onFree: () => void) {
    this.#converter = new PortionConverter(work, stop)
    this.#onFree = onFree
  }

  begin(portion: Portion, file: FileInput | null): Results {
    const results = new Results()
    this.portions++
    this.#convert(portion, file, results)
      .catch((error: unknown) => results.fail(error as Error))
      .finally(() => {
        this.portions--
        this.#onFree()
      })
    return results
  }

  async #convert(portion: Portion, file: FileInput | null, results: Results): Promise<void> {
    const converting = this.#converter.convert(portion, file)
    for (;;) {
      const next = await converting.next()
      if (next.done) return results.put({ ended: next.value })
      const made = next.value
      if (results.isAwaited) await new Promise<void>((done) => results.put({ made, done }))
      else {
        const bytes = made.frames.length
        await this.#room.take(bytes)
        const copy = roomFor(bytes, this.#spare.take())
        const frames = new Uint8Array(copy, 0, bytes)
        frames.set(made.frames)
        const done = () => {
          this.#spare.put(copy)
          this.#room.give(bytes)
        }
        results.put({ made: { ...made, frames }, done })
      }
      await nextTurn()
    }
  }
}
