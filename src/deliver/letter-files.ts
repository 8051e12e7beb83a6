/**
 * The files of dead letters: as many as ten, so that their oldest lines can go when there are too many.
 *
 *   dead-letters.ndjson  dead-letters1.ndjson … dead-letters9.ndjson
 *   └ appended to        └ older                └ the oldest, next to go
 */
import { createReadStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { parse } from 'node:path'
import { isHeld, withPatience } from '../lock/patience.ts'

const NEW_LINE = 0x0a
/** All of them. */
const FILES = 10

/** Their paths, the newest first, which is `newest`. */
export function letterPaths(newest: string): readonly string[] {
  const { dir, name, ext } = parse(newest)
  return Array.from({ length: FILES }, (_, number) =>
    number === 0 ? newest : `${dir}/${name}${number}${ext}`,
  )
}

/** The files beside `path`, which is the newest; they take `maxBytes` together, or one write more. */
export class LetterFiles {
  readonly #path: string
  readonly #paths: readonly string[]
  readonly #fileBytes: number

  constructor(path: string, maxBytes: number) {
    this.#path = path
    this.#paths = letterPaths(path)
    this.#fileBytes = maxBytes / FILES
  }

  /**
   * Makes room for so many bytes in the newest file; resolves with how many of the oldest lines are gone for it. While
   * another program holds the newest one against being renamed, as on Windows, it may take as much as all of them.
   */
  async makeRoom(bytes: number): Promise<number> {
    const size = await sizeOf(this.#path)
    if (size === undefined || size === 0 || size + bytes <= this.#fileBytes) return 0
    let free = 1
    while (free < FILES && (await sizeOf(this.#name(free))) !== undefined) free++
    let gone = 0
    if (free === FILES) {
      free--
      gone = await countLines(this.#name(free))
      await rm(this.#name(free))
    }
    for (let number = free; number > 0; number--) {
      try {
        await withPatience(() => rename(this.#name(number - 1), this.#name(number)))
      } catch (error) {
        if (!isHeld(error) || size + bytes > FILES * this.#fileBytes) throw error
        // What was renamed before left a gap, into which the others move as soon as they can.
        return gone
      }
    }
    return gone
  }

  #name(number: number): string {
    return this.#paths[number] as string
  }
}

/** Undefined for a file that is not there. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function countLines(path: string): Promise<number> {
  let lines = 0
  for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = bytes.indexOf(NEW_LINE); at >= 0; at = bytes.indexOf(NEW_LINE, at + 1)) lines++
  }
  return lines
}
