/** What to doubt of the folder of a source before anything is read: it may be there only when msgtrk runs. */
import { stat } from 'node:fs/promises'
import { lanes } from './lanes.ts'
import { remedyFor } from './remedy.ts'

/** A sentence for the own log, and its fields. */
export interface FolderDoubt {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Null for a folder that is there, and for one on another machine, which not every account may look at. */
export async function doubtOfFolder(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<FolderDoubt | null> {
  if (platform !== 'win32' && /^(?:[a-z]:[\\/]|\\\\)/i.test(folder)) {
    return {
      message: 'The folder of a source is a path of Windows, and this machine has no such paths',
      fields: { folder, remedy: 'mount the share, and write the path of the folder it is mounted at' },
    }
  }
  if (/^[\\/]{2}(?![?.][\\/](?!UNC[\\/]))/i.test(folder) && platform === 'win32') return null
  const error = await lanes
    .of(folder)
    .call(() => stat(folder))
    .then(
      (found) => (found.isDirectory() ? null : { code: 'ENOTDIR', message: 'is no folder' }),
      (error: NodeJS.ErrnoException) => error,
    )
  if (error === null) return null
  return {
    message: 'The folder of a source cannot be read',
    fields: { folder, error: error.message, remedy: remedyFor(error.code, folder) },
  }
}
