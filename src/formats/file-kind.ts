/** What a file is that is no tracking log as it stands, by its first bytes. */
import { type ExportSource, exportHeader } from './export-columns.ts'

/** `readable`: its rows can be had all the same, where a file is converted and not followed. */
export type FileKind =
  | { readonly kind: 'gzip'; readonly name: string }
  | { readonly kind: 'utf-16'; readonly name: string; readonly encoding: 'utf-16le' | 'utf-16be' }
  | { readonly kind: 'export'; readonly name: string }
  | { readonly kind: 'other'; readonly name: string; readonly remedy: string }

/** So many bytes are looked at: a header line of an export has room in them. */
export const kindBytes = 16 * 1024

const putAway =
  'take the file out of the folder, or narrow the pattern so that only message tracking logs match'
const unpack = 'unpack it and give the logs that are in it'

const toCsv = 'export it as CSV (Export-Csv), which msgtrk convert reads'

const endWithLf = "end its lines with LF, as Exchange does with CR LF: tr '\\r' '\\n' < THIS > OTHER"

/** Beginnings, in latin1, that no row has, whole or torn. */
const signatures: readonly (readonly [start: string | RegExp, name: string, remedy: string])[] = [
  ['PK\x03\x04', 'a zip archive (or an Excel workbook)', unpack],
  ['PK\x05\x06', 'an empty zip archive', putAway],
  ['\x28\xb5\x2f\xfd', 'a file packed with zstd', unpack],
  ['\xfd7zXZ\0', 'a file packed with xz', unpack],
  [/^BZh\d1AY&SY/, 'a file packed with bzip2', unpack],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive', unpack],
  ['Rar!\x1a\x07', 'a RAR archive', unpack],
  [/^.{257}ustar/s, 'a tar archive', unpack],
  ['ElfFile\0', 'a Windows event log (evtx)', putAway],
  ['MZ\x90\0', 'a program', putAway],
  ['\x7fELF', 'a program', putAway],
  ['%PDF-', 'a PDF document', putAway],
  [/^\s*<(\?xml|Objs) /, 'an XML file, such as Export-Clixml writes', toCsv],
  [/^\s*(\[\s*)?\{\s*"/, 'a JSON file', toCsv],
]

/**
 * Tells what a file is from its first bytes: null for a tracking log, for a file that may be one, and as long as too
 * little of it is there. A file that begins with a date-time is never taken for anything else, and one that begins with a
 * header line only where others hide in that line: it would be taken for a log without a row.
 */
export function fileKind(bytes: Buffer): FileKind | null {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { kind: 'gzip', name: 'a gzip file' }
  const wide = wideText(bytes)
  if (wide !== null) return wide
  // Nearly every file is a log: that much is seen at once, whenever one is looked at.
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const first = bytes.toString('latin1', start, start + 200)
  if (/^#TYPE /i.test(first)) return { kind: 'export', name: nameOfType(first) }
  if (first.startsWith('#') && hasReturnsAlone(bytes)) {
    return { kind: 'other', name: 'text whose lines end with CR alone', remedy: endWithLf }
  }
  if (/^(#|\d{4}-\d\d-\d\dT)/.test(first)) return null
  const text = bytes.toString('latin1', start, kindBytes)
  const lineEnd = text.indexOf('\n')
  const header = exportHeader(text.slice(0, lineEnd < 0 ? 0 : lineEnd).trimEnd())
  if (header !== null) return { kind: 'export', name: exportNames[header.source] }
  const found = signatures.find(([start]) =>
    typeof start === 'string' ? text.startsWith(start) : start.test(text),
  )
  if (found !== undefined) return { kind: 'other', name: found[1], remedy: found[2] }
  return isBinary(bytes.subarray(0, 4096))
    ? { kind: 'other', name: 'a file of binary data', remedy: putAway }
    : null
}

const exportNames: Readonly<Record<ExportSource, string>> = {
  tracking: 'an export of Get-MessageTrackingLog (CSV)',
  trace: 'an export of Get-MessageTrace (CSV)',
  report: 'a message trace report of Exchange Online (CSV)',
  unknown: 'a CSV file with a line of column names',
}

function nameOfType(text: string): string {
  const type = /^#TYPE (\S*)/i.exec(text)?.[1] ?? ''
  if (/MessageTrackingEvent/i.test(type)) return exportNames.tracking
  if (/MessageTrace/i.test(type)) return exportNames.trace
  return 'an export of PowerShell (CSV)'
}

/** UTF-16 by its byte order mark, or, without one, by NULs in every other place. */
function wideText(bytes: Buffer): FileKind | null {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0)
  if (mark === 0xfffe && !(bytes[2] === 0 && bytes[3] === 0)) {
    return { kind: 'utf-16', name: 'text in UTF-16', encoding: 'utf-16le' }
  }
  if (mark === 0xfeff) return { kind: 'utf-16', name: 'text in UTF-16', encoding: 'utf-16be' }
  const order = hasNuls(bytes, 1) ? 'LE' : hasNuls(bytes, 0) ? 'BE' : ''
  if (order === '') return null
  const remedy = `write it as UTF-8, such as with iconv -f UTF-16${order} -t UTF-8`
  return { kind: 'other', name: 'text in UTF-16 without a byte order mark', remedy }
}

/** True when of the first eight pairs of bytes one is NUL, in the same place of each, and the other a letter. */
function hasNuls(bytes: Buffer, place: 0 | 1): boolean {
  if (bytes.length < 16) return false
  for (let at = 0; at < 16; at += 2) {
    const letter = bytes[at + 1 - place] as number
    if (bytes[at + place] !== 0 || letter < 0x20 || letter > 0x7e) return false
  }
  return true
}

/** True when many of these bytes are controls that no text has. NULs don't count: a crash leaves them in logs. */
function isBinary(bytes: Buffer): boolean {
  let controls = 0
  for (const byte of bytes)
    if (byte < 0x20 && !(byte === 0 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b)) controls++
  return controls >= 32 && controls * 20 >= bytes.length
}

/** True when within the first line, which is none of a row, another one begins behind a CR. */
function hasReturnsAlone(bytes: Buffer): boolean {
  const lineEnd = bytes.indexOf(0x0a)
  const line = bytes.subarray(0, Math.min(lineEnd < 0 ? bytes.length : lineEnd, kindBytes))
  const at = line.indexOf(0x0d)
  return at >= 0 && at < line.length - 1 && /\r(#|\d{4}-\d\d-\d\dT)/.test(line.toString('latin1', at))
}
