/**
 * Files that can't be read. They are judged only once their folder was listed after the failure: when the
 * folder is away, or they are, that is what there is to say.
 */
import type { Log } from '../../flow/log.ts'
import type { TrackedFile } from '../file/tracked-file.ts'

// When rights are wrong they are wrong for hundreds of files: a few of them say it as well.
const saidInARow = 3

/** What is to be known of the folder. */
interface Listing {
  readonly isReadable: boolean
  isThere(file: TrackedFile): boolean
}

/** The unreadable files of one folder: each said once, but no more than a few in a row. */
export class FileTroubles {
  readonly #log: Log
  readonly #unsaid = new WeakSet<TrackedFile>()
  #failed: { readonly file: TrackedFile; readonly error: Error }[] = []
  #inARow = 0

  constructor(log: Log) {
    this.#log = log
  }

  failed(file: TrackedFile, error: Error): void {
    file.failed(error)
    this.#failed.push({ file, error })
  }

  /** To be called after the folder was listed. */
  judge(folder: Listing): void {
    for (const { file, error } of this.#failed) {
      if (!folder.isReadable) file.looks.fallDue(0)
      else if (folder.isThere(file) && file.condition !== 'unreadable') this.#report(file, error)
    }
    this.#failed = []
  }

  succeeded(file: TrackedFile): void {
    if (this.#failed.length === 0) this.#inARow = 0
    if (!file.succeeded()) return
    if (!this.#unsaid.delete(file)) this.#log.info('A log file is readable again', { file: file.path })
  }

  #report(file: TrackedFile, error: Error): void {
    file.becomeUnreadable()
    this.#inARow++
    if (this.#inARow > saidInARow) this.#unsaid.add(file)
    if (this.#inARow > saidInARow + 1) return
    const message =
      this.#inARow > saidInARow
        ? 'More log files of this folder cannot be read, which are not named one by one'
        : 'A log file cannot be read; it is tried again, and the files after it go first'
    this.#log.error(message, {
      file: file.path,
      error: error.message,
      remedy: remedyFor((error as NodeJS.ErrnoException).code),
    })
  }
}

function remedyFor(code: string | undefined): string {
  switch (code) {
    case 'ENOTREG':
      return 'move it out of the folder, or let the pattern of the source leave it out'
    case 'EACCES':
    case 'EPERM':
    case 'EBUSY':
      return 'give the account msgtrk runs under the right to read the file, and look for a program that locks it'
    case 'EMFILE':
    case 'ENFILE':
      return 'allow the process, or the system, to have more files open'
    default:
      return 'check the disk, or the share and the line to its server'
  }
}

/** True for an error that no second try a little later will mend. */
export function isLasting({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['EACCES', 'EPERM', 'ENOTREG', 'ENOENT'].includes(code)
}
