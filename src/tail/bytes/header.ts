/** Header lines: which lines are some, what a block of them says, and which logs are refused. */

import type { Layout } from '../../flow/chunk.ts'
import { fileKind } from '../../formats/file-kind.ts'

/** Byte order mark in UTF-8. */
export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

const hash = 0x23
const lineFeed = 0x0a

/** Why a file is not read, and what to do about it. */
export interface Refusal {
  readonly message: string
  readonly remedy: string
}

/** What a header block says. */
export interface Header {
  /** Null when the block names no columns: the rows after it keep the layout they had. */
  readonly layout: Layout | null
  /** Text of the first `#Date:` line, null without one. */
  readonly date: string | null
  readonly refusal: Refusal | null
}

/** What the line at `at` is; `unknown` when the bytes end too early to tell. */
export function lineKind(bytes: Buffer, at: number): 'header' | 'row' | 'unknown' {
  for (let i = 0; i < byteOrderMark.length; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return 'unknown'
    if (byte === byteOrderMark[i]) continue
    return i === 0 && byte === hash ? 'header' : 'row'
  }
  const byte = bytes[at + byteOrderMark.length]
  return byte === undefined ? 'unknown' : byte === hash ? 'header' : 'row'
}

/** True when the bytes begin with a byte order mark. */
export function startsWithMark(bytes: Buffer): boolean {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
}

/** End of the run of whole header lines that starts at 0: the first byte that belongs to no such line. */
export function headerLinesEnd(bytes: Buffer): number {
  let at = 0
  while (lineKind(bytes, at) === 'header') {
    const end = bytes.indexOf(lineFeed, at)
    if (end < 0) break
    at = end + 1
  }
  return at
}

/** Reads a block of header lines; the layout keeps its own copy of the bytes. Later lines win over earlier. */
export function parseHeader(block: Buffer): Header {
  let columns: readonly string[] | null = null
  let version = ''
  let date: string | null = null
  let refusal: Refusal | null = null
  for (const line of block.toString('utf8').split('\n')) {
    const text = line.replace('\uFEFF', '').slice(1).trim()
    const colon = text.indexOf(':')
    const value = text.slice(colon + 1).trim()
    switch (text.slice(0, Math.max(colon, 0)).trim().toLowerCase()) {
      case 'fields':
        columns = columnsOf(value)
        break
      case 'version':
        version = copyOf(value)
        break
      case 'date':
        date ??= copyOf(value)
        break
      case 'log-type':
        if (value.toLowerCase() !== 'message tracking log') refusal = otherLog(value)
        break
      default:
        if (isExchange2003(text.toLowerCase())) refusal = exchange2003
    }
  }
  if (columns !== null && !columns.includes('date-time')) refusal ??= noDateTime
  const layout = columns === null ? null : { columns, version, header: Uint8Array.from(block) }
  return { layout, date, refusal }
}

/** What is cut out of a text holds all of it. */
function copyOf(part: string): string {
  return Buffer.from(part).toString()
}

/** Refuses the first row of a file without a header when it is plainly of another format. */
export function refuseRow(row: Buffer): Refusal | null {
  return row.indexOf(0x2c) < 0 && row.toString('latin1', 0, 4096).split('\t').length > 8 ? exchange2003 : null
}

/** Refuses a file by its first bytes when it is plainly no tracking log. */
export function refuseStart(bytes: Buffer): Refusal | null {
  const found = fileKind(bytes)
  if (found === null) return null
  const message = `this is ${found.name}, no message tracking log`
  return { message, remedy: found.kind === 'other' ? found.remedy : remedies[found.kind] }
}

const remedies = {
  gzip: 'unpack it: only plain logs can be followed; msgtrk convert reads it as it is',
  'utf-16':
    "copy logs as they are, with Copy-Item or robocopy: PowerShell's > writes UTF-16; msgtrk convert reads it as it is",
  export:
    'name the folder in which Exchange itself writes its logs, which are UTF-8; msgtrk convert reads exports as they are',
} as const

const noDateTime: Refusal = {
  message: 'this is no message tracking log: its #Fields line names no date-time column',
  remedy: 'narrow the pattern so that only message tracking logs match, such as MSGTRK*.LOG',
}

const exchange2003: Refusal = {
  message: 'this is a log of Exchange 2003 or earlier (tab-separated, other columns), which is not supported',
  remedy:
    'take the file out of the folder, or narrow the pattern so that only logs of Exchange 2007 or later match',
}

function isExchange2003(text: string): boolean {
  return (
    text.startsWith('message tracking log file') ||
    text.startsWith('exchange system attendant version') ||
    text.startsWith('date\ttime\t')
  )
}

function otherLog(type: string): Refusal {
  const shown = type.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)
  return {
    message: `this is no message tracking log but a "${shown}"`,
    remedy: 'narrow the pattern so that only message tracking logs match, such as MSGTRK*.LOG',
  }
}

// Thousands of files carry the same list: they share one, and with it whatever is compiled for it.
let sharedText = ''
let sharedColumns: readonly string[] = []

function columnsOf(text: string): readonly string[] {
  if (text !== sharedText) {
    sharedText = text
    sharedColumns = text.split(',').map((name) => name.trim().toLowerCase())
  }
  return sharedColumns
}
