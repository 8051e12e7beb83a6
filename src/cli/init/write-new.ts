/** Files that must not take the place of others. */
import { randomUUID } from 'node:crypto'
import { realpath, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../lock/make-folder.ts'
import { remedyForWriting } from '../../mistakes/not-written.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'

/** Writes a file with its folder, whole or not at all; over another one only where `over` says so. */
export async function writeNew(
  file: string,
  text: string,
  { mode, over = false }: { readonly mode: number; readonly over?: boolean },
): Promise<void> {
  try {
    await makeFolder(path.dirname(file))
    if (!over) {
      await writeFile(file, text, { mode, flag: 'wx' })
      return
    }
    // A link stays one.
    const real = await realpath(file).catch(() => file)
    const beside = `${real}.${randomUUID()}`
    await writeFile(beside, text, { mode, flag: 'wx' })
    await rename(beside, real)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isThere = code === 'EEXIST'
    throw new ProblemsError(
      [
        {
          where: { file },
          message: isThere ? 'is there already, and was left as it is' : `can't be written: ${message}`,
          remedy: isThere
            ? 'name another file, or move it away'
            : remedyForWriting(error as NodeJS.ErrnoException, 'name another place'),
        },
      ],
      ExitCode.failed,
    )
  }
}
