/** What is in a file or a stream, whatever it is packed in: as text, and as chunks of rows. */
import { addAbortSignal } from 'node:stream'
import { fileKind, kindBytes } from '../file-kind.ts'
import { decode, type Pieces } from '../formats/decode.ts'
import { fileBytes, fileChunks, firstBytes, streamChunks } from '../tail/file-chunks.ts'
import type { Chunk } from '../types.ts'

/** Standard input among the arguments. */
export const STDIN = '-'

/** Bytes of a file, or of standard input, that can be read for what they are. */
export interface Text {
  /** Its path, or what stands for one. */
  readonly name: string
  /** Its rows; a last line without a line end counts. Places in them are those in `pieces`. */
  chunks(): AsyncGenerator<Chunk>
  /** Its text as UTF-8. */
  pieces(): AsyncGenerator<Buffer>
}

/** The text of a file, or of standard input, which can be read once; `stop` ends the wait for it. */
export function textOf(path: string, stop: AbortSignal): Text {
  if (path === STDIN) return decodedText('standard input', () => addAbortSignal(stop, process.stdin))
  const text = decodedText(path, () => fileBytes(path))
  return {
    ...text,
    async *chunks() {
      const kind = fileKind(await firstBytes(path, kindBytes))?.kind
      // A log as it stands, and what is refused, are read without a copy.
      yield* kind === undefined || kind === 'other' ? fileChunks(path) : text.chunks()
    },
  }
}

/** The text of bytes that can be had from `open`. */
export function decodedText(name: string, open: () => Pieces): Text {
  return {
    name,
    async *chunks() {
      yield* streamChunks((await decode(open(), name)).pieces, name)
    },
    async *pieces() {
      yield* (await decode(open(), name)).pieces
    },
  }
}
