/** Logs of all versions and of values that are hard to write: what else an event may be written as is held against them. */
import path from 'node:path'
import type { Chunk } from '../../src/flow/chunk.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'

/** Their names in `fixtures`, without `.log`. */
export const variedLogs = [
  'endings',
  'event-ids',
  'exchange-2007',
  'exchange-2010',
  'exchange-2013',
  'exchange-2016',
  'who-and-how',
  'value-addresses',
]

/** A file of `fixtures`. */
export function fixturePath(name: string): string {
  return path.resolve(import.meta.dirname, '../../fixtures', name)
}

/** The chunks of one of the logs. */
export function chunksOf(name: string): AsyncGenerator<Chunk> {
  return fileChunks(fixturePath(`${name}.log`))
}
