/**
 * Which folders lie on another machine. A watch on a file there is set by the main thread, which a dead share would
 * stop altogether; and on Linux it sees nothing of what the other machine writes.
 */
import { statfs } from 'node:fs/promises'

/** Types of file systems, as Linux numbers them: NFS, SMB in three ages, FUSE, 9P, Ceph, AFS. */
const networkTypes: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400, 0x5346414f,
])

/** True when the folder is known to be on another machine. Rejects with the system's error. */
export async function isOnNetwork(folder: string, platform = process.platform): Promise<boolean> {
  if (platform === 'win32') return /^[\\/]{2}(?![?.][\\/])|^[\\/]{2}[?.][\\/]UNC[\\/]/i.test(folder)
  if (platform !== 'linux') return false
  const { type } = await statfs(folder)
  return networkTypes.has(type >>> 0)
}
