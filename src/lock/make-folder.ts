/** Makes folders, and says what the system says where that can't be. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder and those that it is in, if they are not there. Rejects with the error of the system. */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode })
  } catch (error) {
    // Whatever is not foreseen there, such as a file system that can only be read, Node.js makes it this.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await makeEach(folder, mode)
  }
}

/** One folder after the other. */
async function makeEach(folder: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(folder, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeEach(dirname(folder), mode)
    await mkdir(folder, mode)
  }
}
