/** What is in a file or a stream, whatever it is packed in or exported as: as text, and as chunks of rows. */
import { addAbortSignal } from 'node:stream'
import type { Chunk } from '../../flow/chunk.ts'
import { decode, type Pieces } from '../../formats/decode.ts'
import { type ExportSettings, exportChunks } from '../../formats/exports.ts'
import { fileKind, kindBytes } from '../../formats/file-kind.ts'
import { fileBytes, fileChunks, firstBytes, streamChunks } from '../../tail/bytes/file-chunks.ts'

/** Standard input among the arguments. */
export const STDIN = '-'

/** How rows are given. */
interface ChunkOptions {
  readonly oneByOne?: boolean
}

/** Bytes of a file, or of standard input, that can be read for what they are. */
export interface Text {
  /** Its path, or what stands for one. */
  readonly name: string
  /**
   * Its rows; a last line without a line end counts. Places in them are those in `pieces`; of rows of an export only
   * when they come one by one.
   */
  chunks(how?: ChunkOptions): AsyncGenerator<Chunk>
  /** Its text as UTF-8. */
  pieces(): AsyncGenerator<Buffer>
}

/** Nothing is set: only what exports say themselves counts. */
export const asWritten: ExportSettings = { dates: null, zone: null }

/** The text of a file, or of standard input, which can be read once; rejects when `stop` aborts, whatever hangs. */
export function textOf(path: string, stop: AbortSignal, exports: ExportSettings = asWritten): Text {
  if (path === STDIN) return decodedText('standard input', () => addAbortSignal(stop, process.stdin), exports)
  const text = decodedText(path, () => fileBytes(path), exports)
  const chunks = async function* (how?: ChunkOptions) {
    const kind = fileKind(await firstBytes(path, kindBytes))?.kind
    // A log as it stands, and what is refused, are read without a copy.
    yield* kind === undefined || kind === 'other' ? fileChunks(path, { signal: stop }) : text.chunks(how)
  }
  return {
    name: path,
    chunks: (how) => until(stop, chunks(how)),
    pieces: () => until(stop, text.pieces()),
  }
}

/** The same items; rejects as soon as `stop` aborts, and leaves it to `items` when they end. */
export async function* until<T>(stop: AbortSignal, items: AsyncGenerator<T>): AsyncGenerator<T> {
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
export function decodedText(name: string, open: () => Pieces, exports: ExportSettings): Text {
  return {
    name,
    async *chunks({ oneByOne = false } = {}) {
      const { pieces, kind } = await decode(open(), name)
      if (kind?.kind !== 'export') yield* streamChunks(pieces, name)
      else yield* exportChunks(pieces, name, { ...exports, ...(oneByOne && { chunkRows: 1 }) })
    },
    async *pieces() {
      yield* (await decode(open(), name)).pieces
    },
  }
}
