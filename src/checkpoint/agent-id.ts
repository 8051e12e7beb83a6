/** The id by which receivers know the program again: it is kept in the state folder, and stays as long as that. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** No destination can have this name. */
const fileName = '.agent-id'
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Made for folders that have none yet. */
const made = new Map<string, string>()

/** The id that the folder `state` keeps; null when it keeps none. */
export function keptAgentId(state: string): string | null {
  try {
    const text = readFileSync(join(state, fileName), 'utf8').trim()
    return idPattern.test(text) ? text : null
  } catch {
    return null
  }
}

/** That one or, where there is none, one that `keepAgentId` is to keep: the same each time it is asked for. */
export function agentIdFor(state: string): string {
  const id = made.get(state) ?? keptAgentId(state) ?? randomUUID()
  made.set(state, id)
  return id
}

/**
 * Keeps that id in the folder, which the caller holds; rejects with the error of the disk. True when the folder has
 * another one by now, which `agentIdFor` gives from now on.
 */
export async function keepAgentId(state: string): Promise<boolean> {
  const known = made.get(state)
  const kept = keptAgentId(state)
  if (kept !== null) {
    made.set(state, kept)
    return known !== undefined && known !== kept
  }
  const path = join(state, fileName)
  const file = await open(`${path}.tmp`, 'w', 0o600)
  try {
    await file.writeFile(`${agentIdFor(state)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.tmp`, path)
  return false
}
