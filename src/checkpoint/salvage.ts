/**
 * What can still be read of a damaged checkpoint. Each position stands on a line of its own, so a line that
 * is whole and says all that it should can be trusted even when those around it are gone. One wrongly left
 * out repeats events; nothing is guessed, which could lose some.
 */
import { constants, copyFile, open, readFile } from 'node:fs/promises'
import type { Position, Positions } from '../flow/chunk.ts'
import { entrySchema, VERSION } from './store.ts'

/** What a damaged checkpoint still says; `lost` lines of it say nothing. */
export interface Salvage {
  readonly positions: Positions
  readonly lost: number
}

/** Reads the lines that can be read; of a newer format none. Rejects with the system's error. */
export async function salvage(path: string): Promise<Salvage> {
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim())
  const head = /^\{\s*"version"\s*:\s*(\d+)/.exec(lines[0] ?? '')
  const isReadable = head === null || Number(head[1]) <= VERSION
  const positions = new Map<string, Position>()
  let lost = 0
  for (const line of head === null ? lines : lines.slice(1)) {
    if (line === '' || line === ']}') continue
    const position = isReadable ? positionIn(line) : null
    if (position === null) lost++
    else if (position.offset < (positions.get(position.fileId)?.offset ?? Number.POSITIVE_INFINITY)) {
      // Twice in the file: the lower one repeats events, the higher one might lose some.
      positions.set(position.fileId, position)
    }
  }
  return { positions, lost }
}

/** Keeps a copy of a bad checkpoint beside it, safe on disk; returns its path. */
export async function putAside(path: string): Promise<string> {
  const aside = `${path}.bad-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`
  // A copy and no rename: until the repaired one takes its place the bad one must go on refusing a start.
  await copyFile(path, aside, constants.COPYFILE_EXCL)
  const file = await open(aside, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  return aside
}

function positionIn(line: string): Position | null {
  try {
    const { file, offset, header } = entrySchema.parse(JSON.parse(line.replace(/,$/, '')))
    return { fileId: file, offset, header }
  } catch {
    return null
  }
}
