/** The newest dead letters of an instance, for who may see what is in logs. */
import { open } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../config/schema.ts'
import { letterPaths } from '../deliver/letter-files.ts'
import type { ToldLetter } from '../status/told-letter.ts'
import { type Letter, readLetter } from './letter.ts'

/** A line may have megabytes, of which nobody reads so many. */
const mostCharacters = 2000
const tailBytes = 256 * 1024
const mostLetters = 50

/** Where the dead letters of a destination are, the newest file first. */
export function letterFiles(state: string, destination: string): readonly [string, ...string[]] {
  const newest = path.join(state, destination, 'dead-letters.ndjson')
  return [newest, ...letterPaths(newest).slice(1)]
}

/** Those of all destinations, the newest first. */
export async function newestLetters({
  state,
  destinations,
}: Pick<Config, 'state' | 'destinations'>): Promise<readonly ToldLetter[]> {
  const all = await Promise.all(
    destinations.map(async ({ name }) => {
      const text = await tailOf(letterFiles(state, name)[0])
      const lines = text.split('\n').slice(-mostLetters - 1)
      return lines.flatMap((text) => toldOf(readLetter(text), name))
    }),
  )
  return all
    .flat()
    .sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0))
    .slice(0, mostLetters)
}

/** The last of a file, from the beginning of a line; empty without a file. */
async function tailOf(file: string): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return ''
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - tailBytes)
    const bytes = Buffer.alloc(size - start)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
    const text = bytes.subarray(0, bytesRead).toString('utf8')
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await handle.close()
  }
}

function toldOf(letter: Letter | null, destination: string): readonly ToldLetter[] {
  if (letter === null) return []
  return [{ destination, ...letter, line: letter.line?.slice(0, mostCharacters) ?? null }]
}
