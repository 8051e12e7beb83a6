/** The last of the own log, from its file and those before it. */
import { open } from 'node:fs/promises'
import path from 'node:path'
import { filesOf } from '../../observe/rotating-file.ts'
import type { Entry } from './archive.ts'

const mostBytes = 20_000_000

/** The newest lines first, whole ones only, of so many bytes at most. */
export async function ownLog(file: string): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  let left = mostBytes
  for (const each of [file, ...(await filesOf(file))]) {
    if (left <= 0) break
    const text = await lastOf(each, left).catch(
      (error: NodeJS.ErrnoException) => `It can not be read: ${error.message}\n`,
    )
    entries.push({ name: `log/${path.basename(each)}`, text })
    left -= Buffer.byteLength(text)
  }
  return entries
}

/** The end of a file from the beginning of a line on. Rejects with the system's error. */
export async function lastOf(file: string, most: number): Promise<string> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - most)
    const bytes = Buffer.alloc(Math.min(size, most))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
    const text = bytes.toString('utf8', 0, bytesRead)
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await handle.close()
  }
}
