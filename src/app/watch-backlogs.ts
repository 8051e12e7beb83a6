/** Has reports say when much waits for a destination, and when it is worked off. */
import type { InstanceStatus } from '../status/snapshot.ts'

const lookMs = 60_000

/** What is watched. */
interface Watched {
  status(): Promise<InstanceStatus>
  readonly config: {
    readonly destinations: readonly { readonly agent: boolean; readonly selfReport: boolean }[]
  }
}

/** Who is told. */
interface Told {
  backlog(name: string, bytes: number): void
}

/** Looks each minute until `stop`, where some destination is told of it. */
export function watchBacklogs(watched: Watched, told: () => Told | undefined, stop: AbortSignal): void {
  const timer = setInterval(() => {
    if (watched.config.destinations.every(({ agent, selfReport }) => !agent || !selfReport)) return
    void watched.status().then(
      ({ destinations }) => {
        for (const { name, backlog } of destinations) told()?.backlog(name, backlog.bytes)
      },
      // Whoever asks for the status hears of it.
      () => {},
    )
  }, lookMs)
  timer.unref()
  stop.addEventListener('abort', () => clearInterval(timer))
}
