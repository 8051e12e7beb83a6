/** `/livez` and `/readyz`, for what starts and watches the process. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type HttpRoute, json } from './routes.ts'

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
