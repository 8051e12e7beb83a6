/** A look at folders that msgtrk writes into, without writing: whether it may, and how much room there is. */
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Examined, failure, ok, warning } from '../mistakes/examined.ts'
import { diskRemedy } from '../status/disk-remedy.ts'
import { size } from '../status/words.ts'
import { isOnNetwork } from '../tail/folder/network-folder.ts'

/** Positions are kilobytes; dead letters and the own log take a hundred megabytes each. */
const littleBytes = 250e6
const noBytes = 5e6

/** `folder` may be made at the start. `needsLocal`: whether it may not lie on another machine. */
export async function examineDisk(
  folder: string,
  { needsLocal }: { readonly needsLocal: boolean },
): Promise<readonly Examined[]> {
  const there = await nearest(folder)
  const isThere = there === folder
  try {
    if (!(await stat(there)).isDirectory()) {
      return [failure('folder', `${there} is no folder`, 'name a folder, or move that file away')]
    }
    await access(there, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { message } = error as Error
    const what = isThere ? 'it can not be written to' : `it is not there, and can not be made in ${there}`
    return [failure('folder', `${what}: ${message}`, diskRemedy(message, there, 'then try again'))]
  }
  return [
    ok('folder', isThere ? 'can be written to' : 'is made at the first start'),
    ...(await room(there)),
    ...(needsLocal ? await place(there) : []),
  ]
}

/** The file that stands where a folder is to be made, or above it; null when there is none. */
export async function fileInPlaceOf(folder: string): Promise<string | null> {
  const there = await nearest(folder)
  // What may not be looked at is another's business.
  const isFolder = await stat(there).then(
    (found) => found.isDirectory(),
    () => true,
  )
  return isFolder ? null : there
}

/** The folder, or the first one above it that is there. */
async function nearest(folder: string): Promise<string> {
  for (let there = folder; ; there = dirname(there)) {
    const isThere = await stat(there).then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT' && code !== 'ENOTDIR',
    )
    if (isThere || there === dirname(there)) return there
  }
}

async function room(folder: string): Promise<readonly Examined[]> {
  const { bavail, bsize, files, ffree } = await statfs(folder)
  const bytes = bavail * bsize
  const text = `${size(bytes)} free`
  const remedy = 'make room, or move it: without room no position can be saved, and a restart repeats events'
  if (files > 0 && ffree === 0)
    return [failure('disk', 'no more files can be made: no inodes are free', remedy)]
  if (bytes < noBytes) return [failure('disk', text, remedy)]
  return [bytes < littleBytes ? warning('disk', text, remedy) : ok('disk', text)]
}

async function place(folder: string): Promise<readonly Examined[]> {
  if (!(await isOnNetwork(folder).catch(() => false))) return []
  return [
    warning(
      'disk',
      'it is on another machine, where two instances can work on it at once, and a lost connection stops all',
      'choose a folder on a local disk',
    ),
  ]
}
