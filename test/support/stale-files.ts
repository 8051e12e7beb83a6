/**
 * Sizes and times that do not move while bytes are there, as a folder of NTFS shows them of a file that its writer holds
 * open, and a share out of its cache. A test that wants them says
 *
 *   vi.mock('node:fs/promises', async () => (await import('…/stale-files.ts')).staleFiles())
 */
import type { FileHandle } from 'node:fs/promises'
import { failingFiles } from './failing-files.ts'

/** NTFS, as Linux numbers it. */
const ntfs = 0x5346544e

interface Status {
  readonly ino: number | bigint
  readonly birthtimeMs: number | bigint
}

/** The module, failing when told to, that says of each file and folder for ever what was true when it was asked first. */
export async function staleFiles(): Promise<typeof import('node:fs/promises')> {
  const real = await failingFiles()
  const first = new Map<string, Status>()
  const stale =
    // biome-ignore lint/suspicious/noExplicitAny: overloaded functions keep their type only so
    <F extends (...args: any[]) => Promise<unknown>>(call: F): F => {
      const wrapped = async (...args: Parameters<F>): Promise<unknown> => {
        const status = (await call(...args)) as Status
        // The number of a deleted one is given to another.
        const key = `${typeof status.ino} ${status.ino} ${status.birthtimeMs}`
        if (!first.has(key)) first.set(key, status)
        return first.get(key)
      }
      return wrapped as F
    }
  const handle = (opened: FileHandle): FileHandle => {
    opened.stat = stale(opened.stat)
    return opened
  }
  return {
    ...real,
    open: async (...args) => handle(await real.open(...args)),
    stat: stale(real.stat),
    statfs: (async () => ({ type: ntfs })) as unknown as typeof real.statfs,
  }
}
