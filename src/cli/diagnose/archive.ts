/** A .tar.gz of texts, readable by its owner only. */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { remedyForWriting } from '../../mistakes/not-written.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'

/** A file in it. */
export interface Entry {
  readonly name: string
  readonly text: string
}

/** Writes it; a file that is there already stays, which is a `ProblemsError`, as is what the system says. */
export async function writeArchive(file: string, entries: readonly Entry[], folder: string): Promise<void> {
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  const archive = pack()
  for (const { name, text } of entries) archive.entry({ name: `${folder}/${name}`, mode: 0o600 }, text)
  archive.finalize()
  try {
    await pipeline(archive as unknown as AsyncIterable<Uint8Array>, createGzip(), output)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isThere = code === 'EEXIST'
    if (!isThere) await rm(file, { force: true })
    const elsewhere = 'name another with -o'
    const remedy = isThere ? elsewhere : remedyForWriting(error as NodeJS.ErrnoException, elsewhere)
    throw new ProblemsError(
      [{ where: { file }, message: isThere ? 'is there already' : message, remedy }],
      ExitCode.failed,
    )
  }
}
