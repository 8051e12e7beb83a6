/** Which partition a key belongs to, as producers of Kafka in Java have it: consumers of several topics count on that. */

const seed = 0x9747b28c
const m = 0x5bd1e995

/** The number of the partition, of so many, that the key bytes[start … end) belongs to. */
export function partitionOf(bytes: Buffer, start: number, end: number, partitions: number): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions
}

/** MurmurHash2 of 32 bits, by Austin Appleby, who put it into the public domain. */
function murmur2(bytes: Buffer, start: number, end: number): number {
  const length = end - start
  let hash = seed ^ length
  let at = start
  for (; at + 4 <= end; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), m)
    word = Math.imul(word ^ (word >>> 24), m)
    hash = Math.imul(hash, m) ^ word
  }
  const rest = end - at
  if (rest > 2) hash ^= (bytes[at + 2] as number) << 16
  if (rest > 1) hash ^= (bytes[at + 1] as number) << 8
  if (rest > 0) hash = Math.imul(hash ^ (bytes[at] as number), m)
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}
