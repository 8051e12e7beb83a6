/**
 * Calls of node:fs/promises that fail when told to, as disks and shares do. A test that wants them says
 *
 *   vi.mock('node:fs/promises', async () => (await import('…/failing-files.ts')).failingFiles())
 */
import type { FileHandle } from 'node:fs/promises'
import { vi } from 'vitest'

/** What the system says when a share goes away, a file is locked, rights are wrong or handles run out. */
export const systemErrors = ['EIO', 'EBUSY', 'EACCES', 'ESTALE', 'EMFILE', 'ENOENT', 'ETIMEDOUT', 'UNKNOWN']

let calls = 0
let failures = 0
const planned = new Map<number, string>()

/** Opens, reads, stats and listings since the test file began, and how many of them were made to fail. */
export function fileCalls(): { readonly calls: number; readonly failures: number } {
  return { calls, failures }
}

/** Lets the next call but `after` fail with the system error `code`, once. */
export function failFileCall(after: number, code: string): void {
  planned.set(calls + after, code)
}

/** Plans that did not come to pass are dropped. */
export function endFileFailures(): void {
  planned.clear()
}

/** The module with failing calls. */
export async function failingFiles(): Promise<typeof import('node:fs/promises')> {
  const real = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
  const handle = (opened: FileHandle): FileHandle => {
    opened.read = failing('read', opened.read.bind(opened))
    opened.stat = failing('fstat', opened.stat.bind(opened))
    return opened
  }
  const open = failing('open', real.open)
  return {
    ...real,
    open: async (...args) => handle(await open(...args)),
    stat: failing('stat', real.stat),
    readdir: failing('scandir', real.readdir),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: overloaded functions keep their type only so
function failing<F extends (...args: any[]) => Promise<unknown>>(syscall: string, call: F): F {
  const wrapped = async (...args: Parameters<F>): Promise<unknown> => {
    const code = planned.get(calls)
    planned.delete(calls++)
    if (code === undefined) return call(...args)
    failures++
    throw Object.assign(new Error(`${code}: made to fail, ${syscall}`), { code, errno: -5, syscall })
  }
  return wrapped as F
}
