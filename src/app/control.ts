/** What a running instance can be asked over its control socket; parts of the program add their routes here. */
import type { ControlRoute } from '../control/routes.ts'
import { version } from '../package/files.ts'
import type { InstanceView } from './instance-view.ts'

/** All that it can be asked. */
export function controlRoutes(instance: InstanceView): readonly ControlRoute[] {
  return [{ method: 'GET', path: '/status', handler: () => ({ value: statusOf(instance) }) }]
}

function statusOf({ pipelines }: InstanceView): object {
  return {
    version: 1,
    program: { version, pid: process.pid },
    destinations: pipelines.map(({ name, settings, statistics }) => ({
      name,
      to: settings.to,
      counts: statistics.snapshot(),
    })),
  }
}
