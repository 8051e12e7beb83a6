/** Who sends, as events say it for destinations with `agent: true`. */
import { hostname, networkInterfaces } from 'node:os'
import { keepAgentId } from '../checkpoint/agent-id.ts'
import type { Config } from '../config/schema.ts'
import type { Agent } from '../map/agent.ts'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { version } from '../package/version.ts'
import { isFolder } from '../sources/options.ts'

/** `id`: that of the state folder. */
export function agentHere(id: string | null): Agent {
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions()
  return { host: hostname(), address: ownAddresses()[0] ?? null, version, id, zone }
}

/** IPv4 addresses by which others may know this machine, each once: the first is the one that events have. */
export function ownAddresses(interfaces = networkInterfaces()): readonly string[] {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? [])
  const own = all.flatMap(({ family, internal, address }) =>
    family === 'IPv4' && !internal ? [address] : [],
  )
  // One that a machine gave itself, as nobody did, is not known to anyone.
  const isGiven = (address: string) => !address.startsWith('169.254.')
  return [...new Set([...own.filter(isGiven), ...own.filter((address) => !isGiven(address))])]
}

/**
 * Keeps the id of the agent where events say it, or others of a group know this instance by it; the folder must be held.
 * True when another one was kept already.
 */
export async function keepAgent({ state, sources, destinations }: Config): Promise<boolean> {
  if (destinations.every(({ agent }) => !agent) && sources.every(isFolder)) return false
  try {
    return await keepAgentId(state)
  } catch (error) {
    const message = `the id of the agent can not be kept in it (${(error as Error).message})`
    const remedy = 'give the user of msgtrk the right to write it, and make room on its disk'
    throw new ProblemsError([{ where: { file: state }, message, remedy }], ExitCode.state)
  }
}
