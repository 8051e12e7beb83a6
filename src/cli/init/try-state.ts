/** Whether a folder can hold the state: it need not be there yet. */
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { remedyForWriting } from '../../mistakes/not-written.ts'
import { isOnNetwork } from '../../tail/folder/network-folder.ts'

/** Never rejects. Nothing is made. */
export async function tryState(folder: string): Promise<Examined> {
  for (let place = folder; ; place = path.dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory()) {
        return failure('state', `${place} is a file`, 'name a folder')
      }
      await access(place, constants.W_OK)
      return await judged(folder, place)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOTDIR') return failure('state', `${folder} lies below a file`, 'name another folder')
      if (code !== 'ENOENT' || place === path.dirname(place)) {
        const remedy = remedyForWriting(error as NodeJS.ErrnoException, 'name another folder')
        return failure('state', `${folder} can't be made: ${message}`, remedy)
      }
    }
  }
}

async function judged(folder: string, existing: string): Promise<Examined> {
  if (await isOnNetwork(existing).catch(() => false)) {
    const remedy = 'name one on a local disk: over a share, its lock may not hold'
    return warning('state', `${folder} is on another machine`, remedy)
  }
  const holds = existing === folder && (await readdir(folder)).length > 0
  return holds
    ? warning(
        'state',
        `${folder} is there already`,
        'delivery goes on from positions in it; name another one to begin anew',
      )
    : ok('state', `${folder} can be written`)
}
