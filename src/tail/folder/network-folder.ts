/**
 * Which folders lie on another machine. A watch on a file there is set by the main thread, which a dead share would
 * stop altogether; and on Linux it sees nothing of what the other machine writes. And which are for sure on this one,
 * in a file system that says of each file what is true at that moment.
 */
import { statfs } from 'node:fs/promises'

/** Types of file systems, as Linux numbers them: NFS, SMB in three ages, FUSE, 9P, Ceph, AFS. */
const networkTypes: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400, 0x5346414f,
])
/** ext2 to ext4, XFS, Btrfs, tmpfs, F2FS, ZFS, bcachefs. */
const exactTypes: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
])

/** Where a folder is, as far as that is known. */
export interface FolderPlace {
  readonly isOnNetwork: boolean
  /**
   * Whether sizes and times are those of this moment, also of a file that its writer holds open, so that what they say of a
   * change is all there is to know of it. Folders of Windows do not, and nobody knows of shares.
   */
  readonly tellsChanges: boolean
}

/** What is taken of a folder of which nothing is known. */
export const unknownPlace: FolderPlace = { isOnNetwork: false, tellsChanges: false }

/** Rejects with the system's error. */
export async function placeOf(folder: string, platform = process.platform): Promise<FolderPlace> {
  if (platform === 'win32') {
    const isOnNetwork = /^[\\/]{2}(?![?.][\\/])|^[\\/]{2}[?.][\\/]UNC[\\/]/i.test(folder)
    return { isOnNetwork, tellsChanges: false }
  }
  if (platform !== 'linux') return unknownPlace
  const { type } = await statfs(folder)
  return { isOnNetwork: networkTypes.has(type >>> 0), tellsChanges: exactTypes.has(type >>> 0) }
}

/** True when the folder is known to be on another machine. Rejects with the system's error. */
export async function isOnNetwork(folder: string, platform = process.platform): Promise<boolean> {
  return (await placeOf(folder, platform)).isOnNetwork
}
