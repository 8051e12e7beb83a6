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

/** The text of a file, or of standard input, which can be read once; rejects when `stop` aborts, whatever hangs. */
export function textOf(path: string, stop: AbortSignal): Text {
  if (path === STDIN) return decodedText('standard input', () => addAbortSignal(stop, process.stdin))
  const text = decodedText(path, () => fileBytes(path))
  const chunks = async function* () {
    const kind = fileKind(await firstBytes(path, kindBytes))?.kind
    // A log as it stands, and what is refused, are read without a copy.
    yield* kind === undefined || kind === 'other' ? fileChunks(path, { signal: stop }) : text.chunks()
  }
  return {
    name: path,
    chunks: () => until(stop, chunks()),
    pieces: () => until(stop, text.pieces()),
  }
}

/** The same items; rejects as soon as `stop` aborts, and leaves it to `items` when they end. */
async function* until<T>(stop: AbortSignal, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = await orAborted(stop, items.next())
      if (next.done) return
      yield next.value
    }
  } finally {
    const ended = items.return(undefined)
    if (stop.aborted) ended.catch(() => {})
    else await ended
  }
}

/** One promise for each item: one that lasts would keep all that it was ever raced with. */
function orAborted<T>(stop: AbortSignal, result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(stop.reason)
    if (stop.aborted) onAbort()
    stop.addEventListener('abort', onAbort)
    const forget = (): void => stop.removeEventListener('abort', onAbort)
    result.then(resolve, reject).finally(forget)
  })
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
