/** Dead letters that are about given files. */
import path from 'node:path'
import { readLetter } from '../../app/letter.ts'
import { letterFiles } from '../../app/newest-letters.ts'
import { mailsId } from '../../mails/closed-queue.ts'
import { visible } from '../../mistakes/visible.ts'
import { fileBytes } from '../../tail/bytes/file-chunks.ts'
import { linesWith } from '../trace/search.ts'

/** Where a letter stands, and what it is about. */
export interface FoundLetter {
  readonly file: string
  readonly start: number
  /** Behind the last row, of a batch that was rejected; else as `start`. */
  readonly end: number
  readonly reason: string
  /** About one event of the batch, and nothing says of which row, or about mails: the event itself as it was sent. Else null. */
  readonly event: string | null
  /** The file of dead letters it stands in. */
  readonly in: string
}

/** All that a destination has about these files; nothing is held but those. */
export async function lettersAbout(
  state: string,
  destination: string,
  files: ReadonlySet<string>,
): Promise<readonly FoundLetter[]> {
  if (files.size === 0) return []
  const names = [...files].map((file) => Buffer.from(quoted(path.basename(file))).toString('latin1'))
  const pattern = new RegExp(names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'g')
  const found: FoundLetter[] = []
  for (const file of letterFiles(state, destination)) {
    try {
      for await (const { bytes } of linesWith({ file, pieces: fileBytes(file), pattern })) {
        const letter = foundIn(bytes.toString('utf8'), file)
        if (letter !== null && files.has(letter.file)) found.push(letter)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}

/** As it stands in a letter, without its quotes. */
function quoted(text: string): string {
  return visible(JSON.stringify(text)).slice(1, -1)
}

/** What a line of their file is about; null for what is none. */
function foundIn(text: string, inFile: string): FoundLetter | null {
  const letter = readLetter(text)
  if (letter === null) return null
  const { file, offset, reason, line } = letter
  const range = /^rejected by .*\((one of )?(\d+) events from bytes \d+ to (\d+) of the file/s.exec(reason)
  const end = range === null ? offset : Number(range[3])
  const isOneOfSeveral = range?.[1] !== undefined && range[2] !== '1'
  const event = isOneOfSeveral || file === mailsId ? (line ?? '') : null
  return { file, start: offset, end, reason, event, in: inFile }
}
