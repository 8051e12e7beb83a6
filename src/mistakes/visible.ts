/**
 * Text that others chose (subjects, file and host names, names in certificates) for a terminal or a line of a
 * log: whatever could end the line, move the cursor or turn the text is written as an escape.
 */

/** C0, DEL, C1, the Unicode line breaks, and the marks that reorder text or can't be seen. */
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `text` with every unsafe character as `\n`, `\r`, `\t` or `\uXXXX`; JSON stays the same JSON. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => {
    return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
