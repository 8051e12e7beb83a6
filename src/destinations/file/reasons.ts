/** Errors of the file system as sentences for a person. The same error gives the same sentence. */
import { plain } from '../../network/reasons.ts'
import { FileTrouble } from './open-file.ts'

/** Says why nothing can be written into `folder`. */
export function fileReason(error: unknown, folder: string): string {
  if (error instanceof FileTrouble) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code, path } = error as NodeJS.ErrnoException
  const what = path ?? folder
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space is left for files in ${folder}: make room there`
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no folder ${folder}: make it, or mount the share that it is on`
    case 'EACCES':
    case 'EPERM':
      return `the system does not permit to write ${what}: give the account that msgtrk runs under the right to`
    case 'EROFS':
      return `${folder} can only be read: mount it for writing`
    case 'EFBIG':
      return `the system takes no larger file than ${what}: set file.rotateBytes below its limit`
    case 'ELOOP':
      return `${what} is a symbolic link, which is not written through: remove it`
    case 'ESTALE':
    case 'ENOTCONN':
    case 'EHOSTDOWN':
    case 'ETIMEDOUT':
      return `the share with ${folder} is gone`
    default:
      return `${folder} can not be written: ${plain(error.message)}`
  }
}
