import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 6
const WAIT_MS = 20

/** Tries it again a few times while another program holds the file, as scanners and indexers do on Windows for a moment. */
export async function withPatience<T>(operation: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await operation()
    } catch (error) {
      if (left === 0 || !isHeld(error)) throw error
    }
    await sleep(WAIT_MS * (TRIES - left))
  }
}

/** Whether it may be that another program holds the file; a missing right looks the same. */
export function isHeld(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')
}
