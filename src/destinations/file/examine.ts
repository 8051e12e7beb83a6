/** Whether files could be written, without writing: a running instance may hold the folder. */
import { access, constants, lstat, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { Mistaken } from '../../mistakes/words.ts'
import type { FileAddress } from './address.ts'
import { BoundedCalls } from './bounded.ts'
import { requireFolder } from './held-folder.ts'
import { FileNames } from './names.ts'
import type { FileOptions } from './options.ts'
import { fileReason } from './reasons.ts'

const mostMs = 20_000
/** Below this a day's files may not have room. */
const littleBytes = 1e9

/** Looks at the folder, its room, and the file that would be next. */
export async function examineFile(_: FileOptions, address: FileAddress): Promise<readonly Examined[]> {
  const { folder } = address
  try {
    return await new BoundedCalls(folder, mostMs).run(() => look(address))
  } catch (error) {
    return [failure('folder', fileReason(error, folder))]
  }
}

async function look({ folder, name }: FileAddress): Promise<readonly Examined[]> {
  await requireFolder(folder)
  await access(folder, constants.W_OK | constants.X_OK)
  const { mode } = await stat(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  return [
    ok('folder', `${folder} can be written to`),
    ...(process.platform !== 'win32' && (mode & 0o022) !== 0 && (mode & 0o1000) === 0
      ? [
          warning(
            'rights',
            `others than its owner may write into ${folder}, and so put or remove files there`,
            `chmod go-w ${folder}`,
          ),
        ]
      : []),
    free < littleBytes
      ? warning('room', `${Math.floor(free / 1e6)} MB are left there`, 'make room, or write to another disk')
      : ok('room', `${(free / 1e9).toFixed(1)} GB are left there`),
    ...(await next(folder, name)),
  ]
}

async function next(folder: string, template: string): Promise<readonly Examined[]> {
  const names = FileNames.read(template)
  if (names instanceof Mistaken || names.isBySource) return []
  const name = names.firstOf('', Date.now())
  const path = join(folder, name)
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return [ok('file', `${name} is made with the first event`)]
  if (!found.isFile()) {
    const what = found.isSymbolicLink() ? 'a symbolic link' : 'no file'
    return [failure('file', `${path} is ${what}, which is not written through`, 'remove it')]
  }
  await access(path, constants.R_OK | constants.W_OK)
  return [ok('file', `${name} is there, and goes on`)]
}
