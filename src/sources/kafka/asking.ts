/** One question at a time to each broker that leads partitions of ours; one that does not answer holds up no other. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Fetched, Fetcher, Wanted } from '../../kafka/fetcher.ts'
import type { Partition } from './partition.ts'

/** An answer of a broker; nothing from one that could not be asked. */
export interface Answer {
  readonly node: number
  readonly fetched: readonly Fetched[]
}

const againMs = 500

/** The questions that are under way; they outlive a reading, since a broker takes one after the other. */
export class Asking {
  readonly #tell: (reason: string) => void
  readonly #reasonFor: (error: unknown) => string
  readonly #asked = new Map<number, Promise<Answer>>()
  /** Brokers that could not be asked. */
  readonly #failing = new Set<number>()
  #hasLeaders = true
  #isClosed = false

  /** `tell` hears why something can't be read. */
  constructor(tell: (reason: string) => void, reasonFor: (error: unknown) => string) {
    this.#tell = tell
    this.#reasonFor = reasonFor
  }

  /** Whether all that is ours can be asked for, as far as is known. */
  get isWell(): boolean {
    return this.#failing.size === 0 && this.#hasLeaders
  }

  /** Asks each broker that is not asked already. Rejects when nobody says which ones those are. */
  async ask(fetcher: Fetcher, parts: ReadonlyMap<number, Partition>): Promise<void> {
    if (parts.size === 0) return
    const leaders = await fetcher.leaders(parts.keys())
    const led = new Set([...leaders.values()].flat())
    const without = [...parts.keys()].filter((number) => !led.has(number))
    this.#hasLeaders = without.length === 0
    if (!this.#hasLeaders) this.#tell(`partitions have no leader: ${without.join(' ')}`)
    for (const [node, numbers] of leaders) {
      // Another question may have gone out meanwhile.
      if (this.#asked.has(node)) continue
      const wanted = new Map(
        numbers.flatMap((number) => {
          const part = parts.get(number)
          return part === undefined ? [] : [[number, part.next] as const]
        }),
      )
      if (wanted.size > 0) this.#asked.set(node, this.#fetch(fetcher, node, wanted))
    }
    for (const node of this.#failing) if (!leaders.has(node)) this.#failing.delete(node)
  }

  /** The first answer there is; null when it is over before. */
  async answer(isOver: Promise<null>): Promise<Answer | null> {
    const answer = await Promise.race([...this.#asked.values(), isOver])
    if (answer !== null) this.#asked.delete(answer.node)
    return answer
  }

  /** Nobody is waited for any more. */
  close(): void {
    this.#isClosed = true
  }

  async #fetch(fetcher: Fetcher, node: number, wanted: Wanted): Promise<Answer> {
    try {
      const fetched = await fetcher.fetch(node, wanted)
      this.#failing.delete(node)
      return { node, fetched }
    } catch (error) {
      if (!this.#isClosed) {
        this.#failing.add(node)
        this.#tell(this.#reasonFor(error))
        await pause(againMs)
      }
      return { node, fetched: [] }
    }
  }
}
