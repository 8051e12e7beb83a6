/** How much memory a large backlog takes, with a destination that stands still for a while on the way. */
import { mkdtemp, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ended, startChild } from './children.ts'
import { repeated } from './data.ts'
import { memoryOf } from './measure.ts'
import { msgtrkRun } from './msgtrk.ts'
import { Sink } from './sink.ts'

const sampleMs = 50
const stallMs = 5000

export interface Memory {
  /** Size of all logs. */
  readonly backlogGb: number
  readonly peakMb: number
  /** Most in the first and in the second half of the time. */
  readonly halvesMb: readonly [number, number]
}

/** Delivers so much, made by repetition of a log, with `msgtrk run --once`. */
export async function measureMemory(
  temporary: string,
  { log, backlogGb }: { log: string; backlogGb: number },
): Promise<Memory> {
  const folder = await mkdtemp(path.join(temporary, 'memory-'))
  const { size } = await stat(log)
  const times = Math.ceil((backlogGb * 1e9) / size)
  const source = path.join(folder, 'logs')
  await repeated(log, source, times)
  const sink = await Sink.start({ stall: { atBytes: (times * size) / 3, forMs: stallMs } })
  try {
    const { command, args } = await msgtrkRun({
      folder,
      sources: [source],
      receivers: [{ port: sink.port }],
      once: true,
    })
    const child = startChild(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const end = ended(child, 'msgtrk run', 60_000 + stallMs + backlogGb * 60_000)
    const samples: number[] = []
    let peakMb = 0
    const stop = new AbortController()
    const sampling = (async () => {
      while (!stop.signal.aborted) {
        try {
          const { nowMb, peakMb: most } = memoryOf(child.pid as number)
          // A process that ends has no memory any more.
          if (Number.isFinite(nowMb)) samples.push(nowMb)
          if (Number.isFinite(most)) peakMb = most
        } catch {
          return
        }
        await delay(sampleMs)
      }
    })()
    try {
      await end
    } finally {
      stop.abort()
      await sampling
    }
    const half = samples.length >> 1
    return {
      backlogGb: (times * size) / 1e9,
      peakMb,
      halvesMb: [Math.max(...samples.slice(0, half)), Math.max(...samples.slice(half))],
    }
  } finally {
    await sink.stop()
  }
}
