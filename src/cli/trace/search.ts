/**
 * Lines of a log that hold some bytes. Blocks of whole lines are searched as one text, so that nothing is parsed but the
 * lines that are found; on the way only the headers are read, since they say what a line means:
 *
 *   pieces ─▶ blocks of whole lines ─┬─▶ a # at the start of a line? ─▶ header in force
 *                                    └─▶ pattern? ─▶ line
 */
import type { Layout } from '../../flow/chunk.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { byteOrderMark, headerLinesEnd, parseHeader } from '../../tail/bytes/header.ts'

const LF = 0x0a
const HASH = 0x23
const blockBytes = 2 * 1024 * 1024
/** What is longer is searched in parts: it is no line of a log. */
const longestLine = 64 * 1024 * 1024

/** A line in which the pattern was found. */
export interface FoundLine {
  /** Of its first byte in the text of the file. */
  readonly offset: number
  /** With its line end; a copy. */
  readonly bytes: Buffer
  /** False when its line end is not written yet. */
  readonly isWhole: boolean
  /** The columns of the header in force; null without one. */
  readonly layout: Layout | null
  readonly header: number
}

/** What is searched, and who hears how far it is. */
export interface Search {
  /** Its path, for what is wrong with it. */
  readonly file: string
  readonly pieces: AsyncIterable<Buffer>
  /** Global; on bytes as latin1. */
  readonly pattern: RegExp
  /** Hears how many bytes of it were looked at. */
  readonly onBytes?: (bytes: number) => void
}

/** The lines in their order. Throws what `pieces` does, and a `ProblemsError` when a header says that it is another log. */
export async function* linesWith({ file, pieces, pattern, onBytes }: Search): AsyncGenerator<FoundLine> {
  let layout: Layout | null = null
  let header = -1
  for await (const { base, bytes, isWhole } of wholeLines(pieces)) {
    const headers = headersIn(bytes)
    const enterUpTo = (end: number) => {
      for (let next = headers[0]; next !== undefined && next.at < end; next = headers[0]) {
        headers.shift()
        const said = parseHeader(next.block)
        if (said.refusal !== null) throw new ProblemsError([{ where: { file }, ...said.refusal }])
        if (said.layout === null) continue
        layout = said.layout
        header = base + next.at
      }
    }
    const text = bytes.toString('latin1')
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const start = match.index === 0 ? 0 : bytes.lastIndexOf(LF, match.index - 1) + 1
      const lineEnd = bytes.indexOf(LF, match.index)
      const end = lineEnd < 0 ? bytes.length : lineEnd + 1
      enterUpTo(start)
      yield {
        offset: base + start,
        bytes: Buffer.from(bytes.subarray(start, end)),
        isWhole: isWhole || lineEnd >= 0,
        layout,
        header,
      }
      pattern.lastIndex = end
    }
    enterUpTo(bytes.length)
    onBytes?.(base + bytes.length)
  }
}

/** The numbers, from 1, of the lines that begin at these offsets, which rise. */
export async function lineNumbers(
  pieces: AsyncIterable<Buffer>,
  offsets: readonly number[],
): Promise<readonly number[]> {
  const numbers: number[] = []
  let line = 1
  let base = 0
  for await (const piece of pieces) {
    for (let at = 0; ; ) {
      const next = piece.indexOf(LF, at)
      const end = base + (next < 0 ? piece.length : next + 1)
      while (numbers.length < offsets.length && (offsets[numbers.length] as number) < end) numbers.push(line)
      if (numbers.length === offsets.length) return numbers
      if (next < 0) break
      line++
      at = next + 1
    }
    base += piece.length
  }
  return numbers
}

/** Whole lines, and where the first of them begins. `isWhole`: the last one, too, has its line end. */
interface Block {
  readonly base: number
  readonly bytes: Buffer
  readonly isWhole: boolean
}

/** The blocks, each valid until the next one is asked for. */
async function* wholeLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Block> {
  let buffer = Buffer.allocUnsafeSlow(blockBytes)
  let length = 0
  let base = 0
  for await (const piece of pieces) {
    if (length + piece.length > buffer.length && length > 0) {
      const lastEnd = buffer.lastIndexOf(LF, length - 1)
      const isTooLong = lastEnd < 0 && length >= longestLine
      const end = isTooLong ? length : lastEnd + 1
      if (end > 0) {
        yield { base, bytes: buffer.subarray(0, end), isWhole: !isTooLong }
        buffer.copyWithin(0, end, length)
        base += end
        length -= end
      }
    }
    if (length + piece.length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, length + piece.length))
      buffer.copy(larger, 0, 0, length)
      buffer = larger
    }
    length += piece.copy(buffer, length)
  }
  if (length > 0) yield { base, bytes: buffer.subarray(0, length), isWhole: buffer[length - 1] === LF }
}

/** The blocks of header lines in whole lines, in their order. */
function headersIn(bytes: Buffer): { readonly at: number; readonly block: Buffer }[] {
  const found: { readonly at: number; readonly block: Buffer }[] = []
  for (let at = bytes.indexOf(HASH); at >= 0; ) {
    const marked = at - byteOrderMark.length
    const start = marked >= 0 && bytes.subarray(marked, at).equals(byteOrderMark) ? marked : at
    let next = at + 1
    if (start === 0 || bytes[start - 1] === LF) {
      const end = start + headerLinesEnd(bytes.subarray(start))
      if (end > start) {
        found.push({ at: start, block: Buffer.from(bytes.subarray(start, end)) })
        next = end
      }
    }
    at = bytes.indexOf(HASH, next)
  }
  return found
}
