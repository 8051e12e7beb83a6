/** Who made a lock, and whether that process still lives. */
import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { askGuard, guardPath } from './guard.ts'
import { isAlive, kernel, pidNamespace, processStart } from './process-identity.ts'

/** A lock has this size, so that it can be rewritten in place, on a full disk too. */
const LOCK_BYTES = 512
const READ_TRIES = 5
const READ_WAIT_MS = 20

const ownerSchema = z.object({
  /** Tells this lock from every other. */
  id: z.string().default(''),
  pid: z.int().positive(),
  host: z.string(),
  /** See `processStart`. */
  start: z.string().nullable(),
  /** See `kernel`. */
  kernel: z.string().nullable().default(null),
  /** See `pidNamespace`. */
  namespace: z.string().nullable().default(null),
  /** The file system that the folder is on, as this kernel numbers it. */
  device: z.string().nullable().default(null),
  released: z.boolean(),
})

/** What a lock says of the process that made it. */
export type Owner = z.infer<typeof ownerSchema>

/** This process as the owner of a new lock at `path`. */
export async function ownerHere(path: string): Promise<Owner> {
  return {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    start: await processStart(process.pid),
    kernel: await kernel(),
    namespace: await pidNamespace(),
    device: await deviceOf(path),
    released: false,
  }
}

/** The text of a lock. */
export function formatOwner(owner: Owner): string {
  return `${JSON.stringify(owner).padEnd(LOCK_BYTES - 1)}\n`
}

/** Null when the lock is not readable as one: just being written, or damaged. */
export async function readOwner(path: string): Promise<Owner | 'removed' | null> {
  for (let left = READ_TRIES; left > 0; left--) {
    try {
      return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return 'removed'
      if (code !== undefined) throw error
    }
    await sleep(READ_WAIT_MS)
  }
  return null
}

/** Whether the owner of a lock lives; `unknown`: only its heartbeat can tell. */
export async function lifeOf(path: string, owner: Owner): Promise<'alive' | 'dead' | 'unknown'> {
  if (owner.released) return 'dead'
  // Of another machine, or of this one before it was started again, nothing else can be known.
  if (owner.kernel === null || owner.kernel !== (await kernel())) return 'unknown'
  if (owner.namespace !== null && owner.namespace === (await pidNamespace())) {
    if (!isAlive(owner.pid)) return 'dead'
    const start = await processStart(owner.pid)
    if (start !== null && owner.start !== null) return start === owner.start ? 'alive' : 'dead'
  }
  // In another container the same id is that of another process; but a socket can be reached from there.
  if (owner.device === null || owner.device !== (await deviceOf(path))) return 'unknown'
  return askGuard(guardPath(path))
}

async function deviceOf(path: string): Promise<string | null> {
  return stat(dirname(path), { bigint: true }).then(
    ({ dev }) => `${dev}`,
    () => null,
  )
}
