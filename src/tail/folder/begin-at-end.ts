/**
 * `startAt: end`: settles where each file stands when its folder is first seen, then that the source is
 * begun; files that appear later are new. The ends are found once and kept with the folder, so that a rewind
 * before they were committed passes over nothing.
 */
import type { Chunk, Position, Positions } from '../../flow/chunk.ts'
import { FileInput } from '../bytes/byte-input.ts'
import type { FileReader } from '../file/file-reader.ts'
import { begunMark, emptyChunk } from '../file/start.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import type { Folder } from './folder.ts'

/**
 * Chunks of nothing, one for each file without a position, and a last one that marks the source as begun. A
 * file that can't be read now will be read whole: too much rather than too little.
 */
export async function* beginAtEnd(
  folder: Folder,
  reached: Positions,
  files: FileReader,
  startAt: string,
): AsyncGenerator<Chunk> {
  const { options } = folder
  const begun = begunMark(options.name, 'at the end')
  if (startAt !== 'end' || reached.has(begun.fileId)) return
  // Or positions of some files would look as if all were to be read from their beginning.
  yield emptyChunk(options.name, options.folder, begunMark(options.name, 'ending'))
  for (const file of folder.files.oldestFirst()) {
    const end = await endOf(folder, file, files)
    if (end !== null && !reached.has(end.fileId)) yield emptyChunk(options.name, file.path, end)
  }
  folder.keepEnd(begun)
  yield emptyChunk(options.name, options.folder, begun)
}

async function endOf(folder: Folder, file: TrackedFile, files: FileReader): Promise<Position | null> {
  const { options, lane } = folder
  const known = file.id === null ? undefined : folder.endOf(file.id)
  if (known !== undefined) return known
  // What appeared after the source was begun is new.
  if (folder.endOf(begunMark(options.name, 'at the end').fileId) !== undefined) return null
  try {
    const input = await FileInput.open(file.path, lane)
    try {
      await files.identify(file, input)
      if (file.id === null || file.head === null || file.head.refusal !== null) return null
      // Any header after the first is not looked for: it would mean to read the whole file.
      const header = file.head.hasHeader ? 0 : -1
      const offset = await input.lastLineEnd()
      if (offset === null) return null
      const end = { fileId: file.id, offset, header }
      folder.keepEnd(end)
      return end
    } finally {
      await input.close()
    }
  } catch {
    return null // its own turn reports what is wrong with it
  }
}
