/** `/livez` and `/readyz`, for what starts and watches the process. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type HttpRoute, json, refusal } from './routes.ts'

/** How the process fares, as far as a probe asks. */
export interface Readiness {
  /** `degraded`: something is wrong or late; `down`: nothing moves somewhere. */
  readonly health: 'well' | 'degraded' | 'down'
  /** What is wrong or late, the worst first. */
  readonly findings: readonly Finding[]
}

interface Finding {
  readonly kind: string
  readonly severity: string
  readonly part: string
  readonly why: string
  readonly remedy: string
  readonly since: string | null
}

/** Whether the process is alive: it answers once the event loop has turned. */
export const livez: HttpRoute = {
  method: 'GET',
  path: '/livez',
  access: 'anyone',
  async handler() {
    const askedMs = performance.now()
    await nextTurn()
    const turnMs = Math.round((performance.now() - askedMs) * 10) / 10
    return json({ status: 'alive', turnMs, uptimeSeconds: Math.floor(process.uptime()) })
  },
}

/** From which health on each `fail-on` fails. */
const failing: Readonly<Record<string, readonly Readiness['health'][]>> = {
  degraded: ['degraded', 'down'],
  down: ['down'],
}

/** Whether all is well, in earnest: with anything wrong it fails, and names the part to whom is known. */
export function readyz(look: () => Promise<Readiness>): HttpRoute {
  return {
    method: 'GET',
    path: '/readyz',
    access: 'anyone',
    async handler({ query, isKnown }) {
      const { 'fail-on': failOn = 'degraded' } = query
      const fails = Object.hasOwn(failing, failOn) ? failing[failOn] : undefined
      if (fails === undefined) {
        return refusal(400, 'has a fail-on that is none', `write ${Object.keys(failing).join(' or ')}`)
      }
      const { health, findings } = await look()
      const parts = findings.map(({ kind, severity, part, why, remedy, since }) => {
        return { kind, severity, part, why, remedy, since }
      })
      return json({ status: health, ...(isKnown && { findings: parts }) }, fails.includes(health) ? 503 : 200)
    },
  }
}
