import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 6
const WAIT_MS = 20

/** Tries it again a few times while another program holds the file, as scanners and indexers do on Windows for a moment. */
export async function withPatience<T>(operation: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await operation()
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (left === 0 || !['EPERM', 'EACCES', 'EBUSY'].includes(code)) throw error
    }
    await sleep(WAIT_MS * (TRIES - left))
  }
}
