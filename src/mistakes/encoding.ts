/** Files that people write are in UTF-8; what is in another encoding would become something else without a word. */
import { isUtf8 } from 'node:buffer'
import { type Document, visit } from 'yaml'
import type { Words } from './words.ts'

const remedy = 'save the file as UTF-8'

const inUtf16: Words = { message: 'is in UTF-16', remedy }

/** Of a text, or of a part of it. */
export const noUtf8: Words = { message: 'has characters that are no UTF-8', remedy }

/** Why the whole of such a file means nothing. */
export function mistakeOfEncoding(bytes: Buffer): Words | undefined {
  const [first, second] = bytes
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  // Its first character is one of ASCII.
  const hasHalves = bytes.length > 1 && (first === 0) !== (second === 0)
  return isMarked || hasHalves ? inUtf16 : undefined
}

/** Why such a file, all of which counts, can't be read as text. */
export function mistakeOfText(bytes: Buffer): Words | undefined {
  return mistakeOfEncoding(bytes) ?? (isUtf8(bytes) ? undefined : noUtf8)
}

/** Where a document has what could not be read, which stands there as U+FFFD; a comment says nothing to the program. */
export function unreadableIn(document: Document, bytes: Buffer): readonly number[] {
  if (isUtf8(bytes)) return []
  const offsets: number[] = []
  visit(document, {
    Scalar(_key, { value, range }) {
      if (range != null && typeof value === 'string' && value.includes('\ufffd')) offsets.push(range[0])
    },
  })
  return offsets
}
