/** Only regular files are logs: what else may bear the name of one is passed over, and never opened. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { systemPath } from '../folder/file-name.ts'

/**
 * Opening a pipe waits for its writer, unless this is set. It is nothing to a regular file; other systems than
 * Unix have neither such files nor the flags.
 */
const withoutWaiting = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)

/** What bears the name of a log is no regular file; looks like an error of the system. */
export class NotRegularError extends Error {
  readonly code = 'ENOTREG'
  readonly isFolder: boolean

  constructor(path: string, kind: string) {
    super(`ENOTREG: ${path} is a ${kind}, and only regular files are logs`)
    this.name = 'NotRegularError'
    this.isFolder = kind === 'folder'
  }
}

/** An open file, and what the system says of it: its size, and where it is. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly size: number
  readonly device: number
  /** Its number on the device; 0 where there is none. */
  readonly inode: number
}

/**
 * Opens a regular file, or a link to one, for reading. `isKnown`: it was seen just now that it is one. Rejects with a
 * `NotRegularError` or the system's error.
 */
export async function openRegular(path: string, isKnown = false): Promise<OpenFile> {
  // Some devices act on being opened; so that is not how to find out.
  const place = systemPath(path)
  if (!isKnown) refuseOthers(path, await stat(place))
  const handle = await open(place, constants.O_RDONLY | withoutWaiting).catch((error: unknown) => {
    // Another program has leased the file and is asked to give it back: that is to be waited for.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return open(place, 'r')
    throw error
  })
  try {
    // Another one may have taken its place in between.
    const stats = await handle.stat()
    refuseOthers(path, stats)
    return { handle, size: stats.size, device: stats.dev, inode: stats.ino }
  } catch (error) {
    await handle.close()
    throw error
  }
}

function refuseOthers(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new NotRegularError(path, kindOf(stats))
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'folder'
  if (stats.isFIFO()) return 'named pipe'
  if (stats.isSocket()) return 'socket'
  return 'device'
}
