/** Who sends, as events say it for destinations with `agent: true`. */
import { hostname, networkInterfaces } from 'node:os'
import { keepAgentId } from '../checkpoint/agent-id.ts'
import type { Config } from '../config/schema.ts'
import type { Agent } from '../map/agent.ts'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { version } from '../package/files.ts'
import { isFolder } from '../sources/options.ts'

/** `id`: that of the state folder. */
export function agentHere(id: string | null): Agent {
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions()
  return { host: hostname(), address: ownAddress(), version, id, zone }
}

/** The first IPv4 address by which others may know this machine. */
function ownAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const own = all.filter(({ family, internal }) => family === 'IPv4' && !internal)
  // One that a machine gave itself, as nobody did, is not known to anyone.
  return (own.find(({ address }) => !address.startsWith('169.254.')) ?? own[0])?.address ?? null
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
