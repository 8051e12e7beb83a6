/** How much a file is known to have had, for those that go before they are read. */
import type { TrackedFile } from './tracked-file.ts'

/**
 * Where the content of the file is known to end; null when nobody looked. An unfinished last line is no
 * content. `isSameFile`: what the folder last said is about this content, too.
 */
export function knownEnd({ content, looks, isLeftOut }: TrackedFile, isSameFile: boolean): number | null {
  const { rowsEnd, fileEnd, openSize } = content.extent
  // The rest of it was not wanted.
  if (isLeftOut) return rowsEnd
  const { size } = looks
  if (isSameFile && size !== null && size > Math.max(fileEnd ?? -1, openSize ?? -1)) {
    return Math.max(size, rowsEnd)
  }
  if (fileEnd !== null) return rowsEnd
  return openSize === null ? null : Math.max(openSize, rowsEnd)
}

/** From when on it is not known any more what a file has. */
export interface Unseen {
  readonly livelyMs: number
  readonly unseenMs: number
}

/**
 * Whether a file that went was one to be written to at the last look, and that was long ago, or it was growing as far
 * as one knows.
 */
export function mayHaveGrown({ looks, isLeftOut }: TrackedFile, { livelyMs, unseenMs }: Unseen): boolean {
  const { wasNewest, seenAtMs, foundAtMs, grewAtMs, missingSinceMs } = looks
  if (!wasNewest || isLeftOut) return false
  return (
    seenAtMs - Math.max(grewAtMs, foundAtMs) < livelyMs || (missingSinceMs ?? seenAtMs) - seenAtMs > unseenMs
  )
}
