/**
 * What a destination keeps in a held state folder. Nothing is written once another process has the folder: two
 * would move the same positions. When the folder was removed it is made again, with the positions as they are.
 */
import { dirname } from 'node:path'
import type { Positions } from '../flow/chunk.ts'
import type { Checkpoint, DeadLetters } from '../flow/delivery.ts'
import type { FolderLock } from '../lock/lock.ts'
import { makeFolder } from '../lock/make-folder.ts'

/** A checkpoint in the folder that someone works with until `end`. */
export interface KeptCheckpoint extends Required<Checkpoint> {
  /** Positions that could not be saved, as on a full disk; null when all are. */
  unsaved(): Positions | null
  /** Nothing is saved any more, also when the folder is made again. */
  end(): void
}

/** The checkpoint in the file `path` of the folder. */
export function keptCheckpoint(
  lock: FolderLock,
  path: string,
  checkpoint: Required<Checkpoint>,
): KeptCheckpoint {
  let last: Positions = new Map()
  let isSaved = true
  let written: Promise<void> = Promise.resolve()
  const save = (): Promise<void> => {
    // One after the other: both write the same temporary file.
    written = written
      .catch(() => undefined)
      .then(async () => {
        await confirmed(lock, path)
        const saving = last
        await checkpoint.save(saving)
        isSaved ||= saving === last
      })
    return written
  }
  const end = lock.onRemade(() => {
    // What fails here is told when the next positions are saved.
    save().catch(() => undefined)
  })
  return {
    async load() {
      last = await checkpoint.load()
      return last
    },
    isCopy: () => checkpoint.isCopy(),
    underNewNames: (positions) => checkpoint.underNewNames(positions),
    save(positions) {
      last = positions
      isSaved = false
      return save()
    },
    unsaved: () => (isSaved ? null : last),
    end,
  }
}

/** The dead letters in the file `path` of the folder. */
export function keptLetters(lock: FolderLock, path: string, letters: DeadLetters): DeadLetters {
  return {
    async write(lines) {
      await confirmed(lock, path)
      await letters.write(lines)
    },
  }
}

async function confirmed(lock: FolderLock, path: string): Promise<void> {
  await lock.confirm()
  await makeFolder(dirname(path), 0o700)
}
