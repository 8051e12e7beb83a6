/**
 * The last look of a source that reads no more: files that are gone never follow, and after the next start
 * nobody may know that they were there.
 */

import type { Positions } from '../../flow/chunk.ts'
import type { Log } from '../../flow/log.ts'
import { FileInput } from '../bytes/byte-input.ts'
import { identify, replaceContent } from '../file/identity.ts'
import { KnownIds } from '../file/known-ids.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import type { Folder } from './folder.ts'
import type { Lookout } from './lookout.ts'

/**
 * Reports what is lost of the files of `folder` behind the `settled` positions, and says which of them are
 * missing without being sure to be gone. Returns how many those are.
 */
export async function lastLook(
  folder: Folder,
  lookout: Lookout,
  settled: Positions,
  log: Log,
): Promise<number> {
  await lookout.end()
  const { losses } = folder
  if (!folder.isReadable) {
    losses.rewind(settled)
    return 0
  }
  const known = new KnownIds(folder.options.name, settled)
  for (const file of await folder.refresh(performance.now(), true)) {
    losses.depart(file, 'deleted', settled, known)
  }
  losses.rewind(settled)
  let missing = 0
  for (const file of folder.files) {
    if (file.looks.missingSinceMs !== null) missing += losses.missing(file, settled, known) ? 1 : 0
    else if (isUnsettled(file, settled)) await tellReplaced(file, folder, settled, known, log)
  }
  return missing
}

/** True for a file of which more was read than is settled. */
function isUnsettled({ id, content }: TrackedFile, settled: Positions): boolean {
  const { start, rowsEnd } = content.extent
  return id !== null && rowsEnd > (settled.get(id)?.offset ?? start)
}

/** What was read of it is lost when the name belongs to another file by now. */
async function tellReplaced(
  file: TrackedFile,
  { losses, lane }: Folder,
  settled: Positions,
  known: KnownIds,
  log: Log,
): Promise<void> {
  try {
    const input = await FileInput.open(file.path, lane)
    try {
      file.doubt()
      if ((await identify(file, input, 0, log)).identity !== 'another') return
      losses.depart(file, 'replaced', settled, known)
      replaceContent(file, log)
    } finally {
      await input.close()
    }
  } catch {
    // What can't be read now may follow after the next start.
  }
}
