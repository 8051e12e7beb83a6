/**
 * Inputs converted on several threads, each of which reads and converts for itself; what they make is given in the order
 * of the inputs, as one thread would give it.
 *
 *   inputs    a.LOG (large)          b.LOG  c.LOG.gz
 *   portions  1      2      3        4      5          ─►  this thread: 1 3 …   another: 2 4 5 …   ─►  1 2 3 4 5
 *
 * Parts of a file are converted as if its first header block were in force everywhere. When the turn of a part comes it is
 * known which one is: if it is another one, what was made of the part is thrown away, and the rest of the file is
 * converted in one piece.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type PartSizes, usualSizes } from '../../tail/bytes/file-parts.ts'
import type { Input } from '../inputs/find-inputs.ts'
import type { Pass } from '../inputs/pass.ts'
import { until } from '../inputs/texts.ts'
import { ConvertThread } from './convert-thread.ts'
import { type Converter, OwnThread } from './converter.ts'
import { type Log, planPortions } from './plan.ts'
import { type ConvertWork, type Ended, type Made, type Portion, PortionConverter } from './portion.ts'
import type { Results } from './results.ts'

export interface PortionsOptions {
  readonly inputs: readonly Input[]
  readonly work: ConvertWork
  /** This one among them. */
  readonly threads: number
  readonly stop: AbortSignal
  /** Is told of what was read. */
  readonly pass: Pick<Pass, 'readTo' | 'ended'>
  /** How files are divided; as usual by default. */
  readonly sizes?: PartSizes
}

export interface MadeOf {
  readonly path: string
  readonly made: Made
}

/** One that a thread has, or had. */
interface Begun {
  readonly log: Log
  readonly portion: Portion
  readonly results: Results
}

/** Each is valid until the next one is asked for. Ends early when `stop` aborts. */
export async function* inPortions(options: PortionsOptions): AsyncGenerator<MadeOf> {
  const { stop } = options
  const converting = new Converting(options)
  try {
    yield* until(stop, converting.made())
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    const closed = converting.close()
    // On a dead share a thread may never end.
    if (!stop.aborted) await closed
  }
}

/** So many portions a thread has: one at work, and one to go on with while this one is busy. */
const mostPortions = 2

class Converting {
  readonly #options: PortionsOptions
  readonly #threads: readonly ConvertThread[]
  readonly #own: OwnThread
  /** In the order of the inputs. */
  readonly #begun: Begun[] = []
  readonly #changed: (() => void)[] = []
  #end: 'not yet' | 'all begun' | Error = 'not yet'

  constructor(options: PortionsOptions) {
    const { threads, work, stop } = options
    this.#options = options
    const onFree = () => this.#wake()
    this.#threads = Array.from({ length: threads - 1 }, () => new ConvertThread(work, onFree))
    this.#own = new OwnThread(work, stop, onFree)
  }

  async *made(): AsyncGenerator<MadeOf> {
    void this.#begin()
    for (;;) {
      const begun = this.#begun.shift()
      if (begun !== undefined) yield* this.#madeOf(begun)
      else if (this.#end === 'all begun') return
      else if (this.#end instanceof Error) throw this.#end
      else await this.#change()
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  /** Gives portions to threads, as they have room. */
  async #begin(): Promise<void> {
    const { inputs, sizes } = this.#options
    try {
      for await (const { log, portion } of planPortions(inputs, sizes ?? usualSizes)) {
        let converter = this.#free()
        while (converter === undefined) {
          await this.#change()
          converter = this.#free()
        }
        this.#begun.push({ log, portion, results: converter.begin(portion, log.file) })
        this.#wake()
      }
      this.#end = 'all begun'
    } catch (error) {
      this.#end = error as Error
    }
    this.#wake()
  }

  #free(): Converter | undefined {
    return (
      [...this.#threads, this.#own].find(({ portions }) => portions === 0) ??
      this.#threads.find(({ portions }) => portions < mostPortions)
    )
  }

  async *#madeOf({ log, portion, results }: Begun) {
    const { part } = portion
    const isOther = part !== null && part.from > 0 && part.header !== log.header
    if (log.isDone || isOther) await useUp(results)
    if (!log.isDone && isOther)
      yield* this.#restOf(log, { ...portion, part: { ...part, header: log.header, to: null } })
    else if (!log.isDone) {
      const { header, problems } = yield* this.#told(log, results)
      log.header = header
      if (problems.length > 0 || part === null || part.to === null) this.#done(log, problems)
    }
    await log.release()
  }

  async *#told(log: Log, results: Results): AsyncGenerator<MadeOf, Ended> {
    for (;;) {
      const next = await results.next()
      if ('ended' in next) return next.ended
      yield { path: log.input.path, made: next.made }
      this.#options.pass.readTo(log.input, next.made.end)
      next.done()
    }
  }

  /** Made by nobody who has portions that come after it: those may wait for it. */
  async *#restOf(log: Log, portion: Portion): AsyncGenerator<MadeOf> {
    const { work, stop, pass } = this.#options
    log.isLeft = true
    const making = new PortionConverter(work, stop).convert(portion, log.file)
    for (;;) {
      const next = await making.next()
      if (next.done) return this.#done(log, next.value.problems)
      yield { path: portion.path, made: next.value }
      pass.readTo(log.input, next.value.end)
      await nextTurn()
    }
  }

  #done(log: Log, problems: Ended['problems']): void {
    log.isDone = true
    this.#options.pass.ended(log.input, problems)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#changed.splice(0)) wake()
  }
}

async function useUp(results: Results): Promise<void> {
  for (;;) {
    const next = await results.next()
    if ('ended' in next) return
    next.done()
  }
}
