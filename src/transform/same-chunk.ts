/** Whether two readers hold the same: then what is made of it is the same, too. */
import type { Chunk, Layout } from '../flow/chunk.ts'

/** Whether all bytes are equal, as those of one read are, and all that is known of them, and the reader had nothing else to pass on. */
export function isSameChunk(one: Chunk, other: Chunk): boolean {
  return (
    one.start === other.start &&
    one.end === other.end &&
    one.header === other.header &&
    one.file.id === other.file.id &&
    one.file.path === other.file.path &&
    one.file.source === other.file.source &&
    other.malformed.length === 0 &&
    other.settledEvents === undefined &&
    isSameLayout(one.layout, other.layout) &&
    ((one.read !== undefined && one.read === other.read) || one.bytes.equals(other.bytes))
  )
}

function isSameLayout(one: Layout | null, other: Layout | null): boolean {
  if (one === other) return true
  return (
    one !== null &&
    other !== null &&
    one.version === other.version &&
    Buffer.compare(one.header, other.header) === 0 &&
    one.columns.length === other.columns.length &&
    one.columns.every((column, index) => column === other.columns[index])
  )
}
