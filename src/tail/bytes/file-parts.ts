/**
 * A large log in parts that can be read side by side: each but the first begins with a row, so that no header block and
 * no line is divided.
 *
 *   #Fields: …␊ row␊ … row␊│row␊ … row␊ #Fields: …␊ row␊│row␊ … ro
 *   └──────── part ───────┘└─────────── part ───────────┘└─ part ─
 */

import { headerLinesEnd, lineKind, parseHeader } from './header.ts'
import type { ByteInput } from './input.ts'

/** Where a part stands in its file, in bytes. */
export interface FilePart {
  readonly from: number
  /** Null: it goes on to the end of the file, wherever that is by then. */
  readonly to: number | null
  /** Offset of the header block in force before `from`, -1 without one: of all but the first an assumption. */
  readonly header: number
}

/** How a file is divided. */
export interface PartSizes {
  /** Of a part, about. */
  readonly partBytes: number
  /** Where the next one begins is looked for in so many bytes: usual rows are shorter. */
  readonly lookedAtBytes: number
}

const lookedAtBytes = 64 * 1024
/** A part, with what is looked at, is as much as is read ahead at a time. */
export const usualSizes: PartSizes = { partBytes: 4 * 1024 * 1024 - lookedAtBytes, lookedAtBytes }

/**
 * The parts of a file of this size, each made when it is asked for; `head`: its first bytes. That the first header block is
 * in force everywhere is an assumption.
 */
export async function* fileParts(
  input: ByteInput,
  { size, head, sizes }: { readonly size: number; readonly head: Buffer; readonly sizes: PartSizes },
): AsyncGenerator<FilePart> {
  const { partBytes, lookedAtBytes } = sizes
  const { layout } = parseHeader(head.subarray(0, headerLinesEnd(head)))
  const header = layout === null ? -1 : 0
  const looked = Buffer.allocUnsafe(lookedAtBytes)
  let from = 0
  for (let at = partBytes; at + partBytes < size; at += partBytes) {
    // What can't be read is found by who reads the part.
    const length = await input.read(looked, at).catch(() => 0)
    const to = at + rowStart(looked.subarray(0, length))
    if (to < at || to <= from) continue
    yield { from, to, header: from === 0 ? -1 : header }
    from = to
  }
  yield { from, to: null, header: from === 0 ? -1 : header }
}

/** Where the first row begins that comes after a line end; -1 where none is known to. */
function rowStart(bytes: Buffer): number {
  for (let at = bytes.indexOf('\n') + 1; at > 0; at = bytes.indexOf('\n', at) + 1) {
    const kind = lineKind(bytes, at)
    if (kind !== 'header') return kind === 'row' ? at : -1
  }
  return -1
}
