/**
 * What became of an instance over the last hour, taken from its statuses, for charts: kept by the instance, so that a page
 * that is opened now shows it, and gone on with by the page.
 */
import type { InstanceStatus } from './snapshot.ts'

/** One destination: as many values as there are times, null where it was not there. */
interface DestinationHistory {
  readonly name: string
  /** Events delivered since it began. */
  readonly delivered: readonly (number | null)[]
  /** Age of its oldest undelivered record, in seconds. */
  readonly lagSeconds: readonly (number | null)[]
}

/** As it goes over the wire. */
export interface HistoryData {
  /** Milliseconds since 1970, growing. */
  readonly atMs: readonly number[]
  readonly destinations: readonly DestinationHistory[]
}

interface Series {
  readonly name: string
  readonly delivered: (number | null)[]
  readonly lagSeconds: (number | null)[]
}

const keptMs = 3_600_000
/** Batches are settled together every few seconds: rates over less than that jump. */
const rateMs = 15_000

/** Values over time. */
export class History {
  readonly #atMs: number[]
  #series: Series[]

  constructor({ atMs, destinations }: HistoryData = { atMs: [], destinations: [] }) {
    this.#atMs = [...atMs]
    this.#series = destinations.map(({ name, delivered, lagSeconds }) => {
      return { name, delivered: [...delivered], lagSeconds: [...lagSeconds] }
    })
  }

  get data(): HistoryData {
    return { atMs: this.#atMs, destinations: this.#series }
  }

  /** Takes what a status says, if it is newer than the last. */
  add({ at, destinations }: Pick<InstanceStatus, 'at' | 'destinations'>): void {
    const nowMs = Date.parse(at)
    if (nowMs <= (this.#atMs.at(-1) ?? 0)) return
    const before = this.#atMs.length
    this.#atMs.push(nowMs)
    for (const { name, counts, backlog } of destinations) {
      const { bytes, complete, oldestRecordAgeSeconds: age } = backlog
      const series = this.#seriesOf(name, before)
      series.delivered.push(counts.delivered)
      series.lagSeconds.push(bytes === 0 && complete ? 0 : age)
    }
    for (const { delivered, lagSeconds } of this.#series) {
      if (delivered.length > before) continue
      delivered.push(null)
      lagSeconds.push(null)
    }
    this.#forget(nowMs - keptMs)
  }

  /** Events delivered a second, for each time; null where nobody knows. */
  deliveredPerSecond(name: string): readonly (number | null)[] {
    const delivered = this.#series.find((series) => series.name === name)?.delivered ?? []
    return delivered.map((now, index) => {
      const before = this.#before(index, delivered)
      if (now === null || before === null) return null
      // It was started again.
      if (now < before.value) return null
      const seconds = ((this.#atMs[index] ?? 0) - (this.#atMs[before.index] ?? 0)) / 1000
      return (now - before.value) / seconds
    })
  }

  #before(index: number, values: readonly (number | null)[]): { index: number; value: number } | null {
    const nowMs = this.#atMs[index] ?? 0
    let found: { index: number; value: number } | null = null
    for (let at = index - 1; at >= 0; at--) {
      const value = values[at] ?? null
      if (value === null) break
      found = { index: at, value }
      if (nowMs - (this.#atMs[at] ?? 0) >= rateMs) break
    }
    return found
  }

  #seriesOf(name: string, length: number): Series {
    const known = this.#series.find((series) => series.name === name)
    if (known !== undefined) return known
    const series = { name, delivered: nulls(length), lagSeconds: nulls(length) }
    this.#series.push(series)
    return series
  }

  #forget(untilMs: number): void {
    const old = this.#atMs.findIndex((atMs) => atMs >= untilMs)
    if (old <= 0) return
    this.#atMs.splice(0, old)
    for (const { delivered, lagSeconds } of this.#series) {
      delivered.splice(0, old)
      lagSeconds.splice(0, old)
    }
    this.#series = this.#series.filter(({ delivered }) => delivered.some((value) => value !== null))
  }
}

function nulls(length: number): (number | null)[] {
  return Array.from({ length }, () => null)
}
