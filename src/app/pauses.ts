/**
 * Destinations that a person has paused. Their logs wait in the folders of Exchange, which deletes them in the end: so a
 * pause is told again each hour, with how long that takes, and ends with the program.
 */
import type { Gate, Paused } from '../deliver/gate.ts'
import type { Log } from '../flow/log.ts'
import type { InstanceStatus } from '../status/snapshot.ts'
import { duration, size } from '../status/words.ts'
import { isoOf } from './destination-status.ts'
import { unknownDestination } from './unknown-destination.ts'

const hourMs = 3_600_000

/** What is told of it, and where. */
export interface PausesOptions {
  readonly pipelines: () => readonly { readonly name: string; readonly gate: Gate }[]
  readonly status: () => Promise<InstanceStatus>
  readonly log: Log
}

/** What a question for a pause comes to. */
export interface PauseAnswer {
  readonly destination: string
  /** False when it was so before. */
  readonly isNew: boolean
  /** Since when it is or was paused, and by whom; null when it was not. */
  readonly paused: { readonly since: string; readonly by: string } | null
}

/** Pauses destinations, and lets them go on. */
export class Pauses {
  readonly #options: PausesOptions
  readonly #reminders = new Map<Gate, NodeJS.Timeout>()

  constructor(options: PausesOptions) {
    this.#options = options
  }

  /** Nothing more is read for the destination. Throws a `ProblemsError` when there is none of this name. */
  pause(destination: string, by: string): PauseAnswer {
    const gate = this.#gateOf(destination)
    const isNew = gate.close(by)
    if (isNew) {
      const remedy = `msgtrk resume ${destination}`
      this.#options.log.warn('Paused: nothing is delivered until somebody resumes it', {
        destination,
        by,
        remedy,
      })
      this.#remind(gate)
    }
    return { destination, isNew, paused: told(gate.paused) }
  }

  /** Delivery goes on from where it stopped. Throws as `pause` does. */
  resume(destination: string, by: string): PauseAnswer {
    const gate = this.#gateOf(destination)
    const was = gate.open()
    if (was !== null) {
      this.#forget(gate)
      const { since, by: pausedBy } = told(was)
      this.#options.log.info('Resumed: delivery goes on from where it was paused', {
        destination,
        by,
        pausedBy,
        pausedSince: since,
      })
    }
    return { destination, isNew: was !== null, paused: told(was) }
  }

  /** The program ends: what is still paused is told, since it goes on with the next start. */
  close(): void {
    for (const { name: destination, gate } of this.#options.pipelines()) {
      if (gate.paused === null) continue
      const { since: pausedSince, by: pausedBy } = told(gate.paused)
      this.#options.log.warn('Stopped while paused; the next start delivers to it again', {
        destination,
        pausedBy,
        pausedSince,
      })
    }
    for (const gate of [...this.#reminders.keys()]) this.#forget(gate)
  }

  #gateOf(destination: string): Gate {
    const pipelines = this.#options.pipelines()
    const found = pipelines.find(({ name }) => name === destination)
    if (found !== undefined) return found.gate
    throw unknownDestination(
      destination,
      pipelines.map(({ name }) => name),
    )
  }

  #remind(gate: Gate): void {
    const timer = setInterval(() => void this.#tellAgain(gate), hourMs)
    timer.unref()
    this.#reminders.set(gate, timer)
  }

  #forget(gate: Gate): void {
    clearInterval(this.#reminders.get(gate))
    this.#reminders.delete(gate)
  }

  async #tellAgain(gate: Gate): Promise<void> {
    const { destinations } = await this.#options.status()
    const destination = this.#options.pipelines().find((each) => each.gate === gate)?.name
    const of = destinations.find(({ name }) => name === destination)
    const { paused } = gate
    // A reload has left it out.
    if (of === undefined || paused === null) return this.#forget(gate)
    const { bytes, oldestRecordAgeSeconds: age, retentionLeftSeconds: left } = of.backlog
    this.#options.log.warn('Still paused: nothing is delivered', {
      destination,
      pausedBy: paused.by,
      pausedSince: isoOf(paused.sinceMs),
      waiting: size(bytes),
      ...(age !== null && { oldestRecordAge: duration(age) }),
      ...(left !== null && { exchangeDeletesItIn: `about ${duration(left)}` }),
      remedy: `msgtrk resume ${destination}`,
    })
  }
}

function told(paused: Paused): { readonly since: string; readonly by: string }
function told(paused: Paused | null): PauseAnswer['paused']
function told(paused: Paused | null): PauseAnswer['paused'] {
  return paused === null ? null : { since: isoOf(paused.sinceMs), by: paused.by }
}
