/** Where reading goes on inside a row: several events of it are settled, and others are not. */
import type { Chunk, Position, Positions } from '../flow/chunk.ts'

/** The chunks, the first of each file with what its position says of its first row. */
export function goingOn(chunks: AsyncIterable<Chunk>, positions: Positions): AsyncIterable<Chunk> {
  const inside = new Map([...positions].filter(([, { settledEvents }]) => settledEvents !== undefined))
  return inside.size === 0 ? chunks : goingOnInside(chunks, inside)
}

async function* goingOnInside(
  chunks: AsyncIterable<Chunk>,
  inside: Map<string, Position>,
): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    const { offset, settledEvents = 0 } = inside.get(chunk.file.id) ?? {}
    inside.delete(chunk.file.id)
    yield offset === chunk.start ? { ...chunk, settledEvents } : chunk
  }
}
