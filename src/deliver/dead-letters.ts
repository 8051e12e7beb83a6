/**
 * Lines that can't be delivered, kept for a person: one JSON object a line,
 *
 *   {"time":"2026-11-22T10:00:00.000Z","file":"…","offset":123,"reason":"…","line":"…"}
 *
 * with `lineBase64` instead of `line` when the line is not valid UTF-8, and `withheldBytes`, its length, when its
 * destination protects values: in a line that is no record nobody can tell where they stand. The file is only ever
 * appended to, and opened anew for every write, so that it may be moved away at any time. A hostile log gives fifty times
 * its size in dead letters, so their files are bounded: see `LetterFiles`.
 */
import { isUtf8 } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import type { Malformed } from '../flow/chunk.ts'
import type { DeadLetters } from '../flow/delivery.ts'
import type { Listener } from '../flow/events.ts'
import { pause } from '../flow/pause.ts'
import { visible } from '../mistakes/visible.ts'
import { Backoff } from './backoff.ts'
import { LetterFiles } from './letter-files.ts'

const NEW_LINE = 0x0a
const USUAL_LETTER_BYTES = 256

export interface DeadLetterOptions {
  /** Whether letters say only where a line stands, not what is in it. */
  readonly withholdsLines?: boolean
  /** Most bytes on disk, in all files; unbounded by default. */
  readonly maxBytes?: number
  /** Hears when the oldest are dropped to make room. */
  readonly events?: Listener
}

/** Dead letters in the file `path`, created for its owner only; `write` rejects when the disk does. */
export function createDeadLetters(
  path: string,
  { withholdsLines = false, maxBytes = Number.POSITIVE_INFINITY, events }: DeadLetterOptions = {},
): DeadLetters {
  const files = new LetterFiles(path, maxBytes)
  // One write at a time, so that lines of two writers never mix.
  let last: Promise<void> = Promise.resolve()
  return {
    write(letters) {
      const written = last.then(async () => {
        if (letters.length === 0) return
        const text = format(letters, withholdsLines)
        const gone = await files.makeRoom(text.length)
        if (gone > 0) events?.lettersDropped?.(gone)
        await append(path, text)
      })
      last = written.catch(() => undefined)
      return written
    },
  }
}

/**
 * Writes `letters`, again and again until they are on disk (true) or `giveUp` aborts (false). `tell` hears of each try why it
 * failed, or null.
 */
export async function writeUntilDone(
  deadLetters: DeadLetters,
  letters: readonly Malformed[],
  tell: (failure: string | null) => void,
  giveUp: AbortSignal,
): Promise<boolean> {
  const backoff = new Backoff()
  for (;;) {
    try {
      await deadLetters.write(letters)
      tell(null)
      return true
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    }
    if (giveUp.aborted) return false
    await pause(backoff.failed(), giveUp)
  }
}

/**
 * A line for each, in UTF-8. Put together from texts that are made once: a hostile log gives hundreds of thousands in
 * a row, and what each leaves behind in memory stays there for a while.
 */
function format(letters: readonly Malformed[], withholds: boolean): Buffer {
  const time = JSON.stringify(new Date().toISOString())
  const files = remembering((path) => `{"time":${time},"file":${jsonOf(path)},"offset":`)
  const reasons = remembering((reason) => `,"reason":${jsonOf(reason)},`)
  let text = Buffer.allocUnsafe(USUAL_LETTER_BYTES * letters.length)
  let length = 0
  for (const { path, offset, reason, line } of letters) {
    const letter = `${files(path)}${offset}${reasons(reason)}${contentOf(line, withholds)}}\n`
    const most = length + 3 * letter.length
    if (most > text.length) text = Buffer.concat([text.subarray(0, length)], Math.max(most, 2 * text.length))
    length += text.write(letter, length)
  }
  return text.subarray(0, length)
}

async function append(path: string, text: Buffer): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    if (await endsTorn(file)) await file.appendFile('\n')
    await file.appendFile(text)
    // The whole of fsync, not fdatasync: a file just made must be found again too.
    await file.sync()
  } finally {
    await file.close()
  }
}

/** True when an earlier write was cut short (full disk, crash) and left half a line. */
async function endsTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const end = Buffer.alloc(1)
  await file.read(end, 0, 1, size - 1)
  return end[0] !== NEW_LINE
}

function contentOf(line: Uint8Array, withholds: boolean): string {
  if (withholds) return `"withheldBytes":${line.byteLength}`
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength)
  return isUtf8(bytes)
    ? `"line":${jsonOf(bytes.toString('utf8'))}`
    : `"lineBase64":"${bytes.toString('base64')}"`
}

/** JSON leaves DEL, the C1 controls and what turns the text as they are: a terminal that shows the file would obey. */
function jsonOf(text: string): string {
  return visible(JSON.stringify(text))
}

/** Letters that follow each other nearly always share what this makes. */
function remembering(make: (of: string) => string): (of: string) => string {
  let last: string | undefined
  let made = ''
  return (of) => {
    if (of !== last) made = make(of)
    last = of
    return made
  }
}
