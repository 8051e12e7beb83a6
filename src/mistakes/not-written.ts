/** What to do where a file or folder that somebody named for a result can't be written. */

/** `elsewhere`: what to name in its place, as `name another folder`. */
export function remedyForWriting({ code }: NodeJS.ErrnoException, elsewhere: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `give this account the right to write there, or ${elsewhere}`
    case 'EROFS':
      return `its file system can only be read: mount it so that it can be written to, or ${elsewhere}`
    case 'ENOSPC':
    case 'EDQUOT':
      return `make room on its disk, or ${elsewhere}`
    case 'ENOENT':
      return `make its folder first, or ${elsewhere}`
    case 'EISDIR':
      return `a folder stands in its place: ${elsewhere}`
    case 'ENOTDIR':
      return `a file stands where a folder would have to be: ${elsewhere}`
    default:
      return `check the path, the rights and the free space, or ${elsewhere}`
  }
}
