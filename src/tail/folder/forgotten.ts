/** Which positions are of no use any more. */
import type { Positions } from '../../flow/chunk.ts'
import { nameInId, sourceIn } from '../../flow/file-id.ts'
import type { Folder } from './folder.ts'

const keptMs = 24 * 60 * 60_000

/**
 * Ids whose file was missing for a day, during which its folder was readable. `missingSinceMs` remembers from
 * call to call when each was missed first.
 */
export function forgottenIds(
  folders: readonly Folder[],
  positions: Positions,
  missingSinceMs: Map<string, number>,
  nowMs: number,
): readonly string[] {
  const gone: string[] = []
  const bySource = new Map(folders.map((folder) => [folder.options.name, folder]))
  for (const id of positions.keys()) {
    const folder = bySource.get(sourceIn(id))
    if (folder === undefined || !isMissing(folder, id)) {
      missingSinceMs.delete(id)
      continue
    }
    const since = missingSinceMs.get(id) ?? nowMs
    missingSinceMs.set(id, since)
    if (nowMs - Math.max(since, folder.readableSinceMs) >= keptMs) gone.push(id)
  }
  for (const id of missingSinceMs.keys()) if (!positions.has(id)) missingSinceMs.delete(id)
  return gone
}

function isMissing(folder: Folder, id: string): boolean {
  const name = nameInId(folder.options.name, id)
  // Without a name it is no file but a mark of where the source began.
  if (!folder.isReadable || name === null) return false
  const file = folder.files.named(name)
  return file === undefined || (file.id !== null && file.id !== id)
}
