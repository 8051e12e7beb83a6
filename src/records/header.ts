/** The header block that rows belong under where they stand as in the log. */
import type { Layout } from '../flow/chunk.ts'

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const LF = 0x0a

/** As it stands in the log, but without a byte order mark, which may come only once; one of our own where there is none. */
export function headerBlock({ header, columns }: Layout): Buffer {
  if (header.length === 0) {
    return Buffer.from(
      `#Software: Microsoft Exchange Server\r\n#Log-type: Message Tracking Log\r\n#Fields: ${columns.join()}\r\n`,
    )
  }
  const block = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  const text = byteOrderMark.equals(block.subarray(0, byteOrderMark.length))
    ? block.subarray(byteOrderMark.length)
    : block
  return text[text.length - 1] === LF ? text : Buffer.concat([text, Buffer.from('\r\n')])
}

/** Whether rows of the one mean under the header of the other what they mean under their own: its date is no matter. */
export function isSameHeader(a: Layout | undefined, b: Layout): boolean {
  if (a === undefined || a === b) return a === b
  if (a.version === b.version && a.columns.join() === b.columns.join()) return true
  return a.header.length > 0 && Buffer.compare(a.header, b.header) === 0
}
