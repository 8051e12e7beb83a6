/** What to do about a disk, by what the system says: the code of its error first. */

/** `folder`: into which nothing can be written, in words. `then`: what comes by itself once it can. */
export function diskRemedy(reason: string, folder: string, then: string): string {
  const [, code] = /\b(E[A-Z]{2,}):/.exec(reason) ?? []
  switch (code) {
    case 'ENOSPC':
      return `make room on the disk of ${folder}`
    case 'EDQUOT':
      return `make room in what the account that msgtrk runs under may use of the disk of ${folder}`
    case 'EACCES':
    case 'EPERM':
      return `let the account that msgtrk runs under write into ${folder}, and into what is in it`
    case 'EROFS':
      return `mount the disk of ${folder} so that it can be written to; a disk with errors may have become read-only`
    case 'ENOENT':
      return 'make the folder again, where the account that msgtrk runs under can write into it'
    case 'EIO':
      return `look at the disk of ${folder}: it has errors`
    default:
      return `mend what is said there; ${then}`
  }
}
