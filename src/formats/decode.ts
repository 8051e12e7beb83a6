/**
 * Text that is packed or in another encoding, as the UTF-8 it stands for: gzip is unpacked, UTF-16 with a byte order
 * mark is decoded, one within the other as well. All of it streams, so that a small file of much content takes time and
 * no memory.
 */
import { type FileKind, fileKind, kindBytes } from './file-kind.ts'
import { gunzip } from './gunzip.ts'

/** gzip of gzip of UTF-16, and whatever is deeper is left as it is. */
const MOST_LAYERS = 3

/** Bytes of a file in pieces, each valid until the next one is asked for. */
export type Pieces = AsyncIterable<Buffer>

export interface Decoded {
  /** The text, without a byte order mark where one was taken off with its encoding. */
  readonly pieces: Pieces
  /** What the text is; null when it may be a tracking log. */
  readonly kind: FileKind | null
  /** False when nothing was to be done: places in the text are places in the file. */
  readonly isDecoded: boolean
}

/** Takes off what can be taken off the file `name`. The text rejects with a ProblemsError when packed data are damaged. */
export async function decode(file: Pieces, name: string): Promise<Decoded> {
  let pieces = file
  for (let layers = 0; ; layers++) {
    const begun = await begin(pieces)
    pieces = begun.pieces
    const kind = fileKind(begun.head)
    if (layers < MOST_LAYERS && kind?.kind === 'gzip') pieces = gunzip(pieces, name)
    else if (layers < MOST_LAYERS && kind?.kind === 'utf-16') pieces = utf8Of(pieces, kind.encoding)
    else return { pieces, kind, isDecoded: layers > 0 }
  }
}

/** The first bytes, and all of them again. */
async function begin(pieces: Pieces): Promise<{ readonly head: Buffer; readonly pieces: Pieces }> {
  const iterator = pieces[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let length = 0
  while (length < kindBytes) {
    const next = await iterator.next()
    if (next.done) break
    first.push(Buffer.from(next.value))
    length += next.value.length
  }
  const head = Buffer.concat(first)
  return { head, pieces: resumed(head, iterator) }
}

async function* resumed(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Half characters become U+FFFD. */
async function* utf8Of(pieces: Pieces, encoding: 'utf-16le' | 'utf-16be'): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }))
  yield Buffer.from(decoder.decode())
}
