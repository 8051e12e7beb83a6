/** Text as JSON wants it. */
import type { ByteWriter } from '../byte-writer.ts'
import type { Span } from '../text-value.ts'

const BACKSLASH = 0x5c
const LETTER_U = 0x75
const ZERO = 0x30

/** For each byte what stands behind its backslash, 0 where it needs none: controls without a letter get their number. */
const escapes = new Uint8Array(256)
escapes.fill(LETTER_U, 0, 0x20)
for (const [byte, letter] of ['"', '\\'].map((text) => [text.charCodeAt(0), text.charCodeAt(0)] as const)) {
  escapes[byte] = letter
}
for (const [text, letter] of [['\t', 't'], ['\n', 'n'], ['\r', 'r']] as const) escapes[text.charCodeAt(0)] = letter.charCodeAt(0) // biome-ignore format: pairs
const hex = Buffer.from('0123456789abcdef')

/** Writes a span as it stands between quotes, which are not written. What is UTF-8 stays it. */
export function writeJsonText(out: ByteWriter, { bytes, start, end }: Span): void {
  out.reserve(6 * (end - start))
  const to = out.bytes
  let length = out.length
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    const letter = escapes[byte] as number
    if (letter === 0) {
      to[length++] = byte
      continue
    }
    to[length++] = BACKSLASH
    to[length++] = letter
    if (letter !== LETTER_U) continue
    to[length++] = ZERO
    to[length++] = ZERO
    to[length++] = hex[byte >> 4] as number
    to[length++] = hex[byte & 15] as number
  }
  out.length = length
}
