/**
 * Rows with stray quotes, which Exchange does not write but other hands do, read as csv-parse does in its relaxed mode;
 * tests hold it against that. Linear, since a sender may choose what stands in a row: csv-parse takes forty
 * microseconds for any row, and a log may hold a million.
 *
 *   a"b        a"b       a quote within a field is text
 *   "a,b"c     "a,b"c    as are those around it when more follows the closing one
 *   "a ""b"""  a "b"     or else they enclose it, and a doubled one stands for one
 *   "a         –         one that is not closed is no row
 */

/** The fields of a row, one byte per character (latin1), or the reason why it is no row. */
export type IrregularRow =
  | { readonly fields: readonly string[] }
  | { readonly fields: null; readonly reason: string }

const QUOTE = 0x22
const COMMA = 0x2c

/** Reads one row without its line end. */
export function parseIrregularRow(row: Buffer): IrregularRow {
  const text = row.toString('latin1')
  const fields: string[] = []
  for (let start = 0; start <= text.length; ) {
    let rest = start
    let enclosed = ''
    if (text.charCodeAt(start) === QUOTE) {
      const close = closingQuote(text, start)
      if (close < 0) return { fields: null, reason: 'a quoted field is not closed' }
      const isEnclosed = endsField(text, close + 1)
      const content = withSingleQuotes(text.slice(start + 1, close))
      enclosed = isEnclosed ? content : `"${content}"`
      rest = close + 1
    }
    const comma = text.indexOf(',', rest)
    const end = comma < 0 ? text.length : comma
    fields.push(enclosed + text.slice(rest, end))
    start = end + 1
  }
  return { fields }
}

/** Where the first quote stands behind `open` that is not doubled; -1 without one. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text.charCodeAt(at) !== QUOTE) continue
    if (text.charCodeAt(at + 1) !== QUOTE) return at
    at++
  }
  return -1
}

/** Whether a field may end here. A NUL is the end of the text to csv-parse, though what follows still belongs to the field. */
function endsField(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return Number.isNaN(code) || code === COMMA || code === 0
}

function withSingleQuotes(text: string): string {
  if (!text.includes('""')) return text
  const bytes = Buffer.from(text, 'latin1')
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    bytes[length++] = byte
    if (byte === QUOTE && bytes[at + 1] === QUOTE) at++
  }
  return bytes.toString('latin1', 0, length)
}
