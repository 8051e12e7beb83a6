/**
 * A message of a topic of raw rows, taken apart. Whoever may write into the topic chooses all of it, so nothing of it is
 * trusted: what is not as it should be is no row, and its line in the dead letters says why.
 *
 *   value     whole rows of one log under one header, byte for byte
 *   fields    the header block of the log, or its list of columns
 *   server    name of the source where they were read, file: the log there, offset: where the first of them stands in it
 */
import type { Layout } from '../../flow/chunk.ts'
import type { TopicMessage } from '../../kafka/fetcher.ts'
import { parseHeader } from '../../tail/bytes/header.ts'

/** Rows, and where they were first. */
export interface Rows {
  readonly bytes: Buffer
  readonly layout: Layout
  /** The log that they stood in; null when the message does not say it. */
  readonly file: string | null
  readonly server: string | null
  /** Where the first of them stood in it; null likewise. */
  readonly start: number | null
}

/** Larger ones are dead letters. */
const mostMessageBytes = 8 * 1024 * 1024
const mostFieldsBytes = 16 * 1024
const mostColumns = 256
const mostFileBytes = 2048
const mostServerBytes = 256
/** Of a group of servers with one version there is one; who writes others all the time makes nothing grow. */
const mostLayouts = 64

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Takes messages apart; headers that are alike become the same layout. */
export class MessageReader {
  readonly #layouts = new Map<string, Layout | string>()

  /** The rows, or why the message holds none. */
  read({ value, headers }: TopicMessage): Rows | string {
    if (value === null || value.length === 0) return 'the message is empty'
    if (value.length > mostMessageBytes) return `the message is larger than ${mostMessageBytes} bytes`
    const fields = headerNamed(headers, 'fields')
    if (fields === undefined) {
      return 'the message has no header "fields", which says the columns of its rows'
    }
    const layout = this.#layoutOf(fields)
    if (typeof layout === 'string') return layout
    const file = textOf(headers, 'file', mostFileBytes)
    const server = textOf(headers, 'server', mostServerBytes)
    const start = textOf(headers, 'offset', 16)
    if (file instanceof Error) return file.message
    if (server instanceof Error) return server.message
    if (start instanceof Error || (start !== null && !/^\d{1,15}$/.test(start))) {
      return 'the header "offset" of the message is no number'
    }
    return { bytes: value, layout, file, server, start: start === null ? null : Number(start) }
  }

  #layoutOf(fields: Buffer): Layout | string {
    if (fields.length > mostFieldsBytes) {
      return `the header "fields" of the message is longer than ${mostFieldsBytes} bytes`
    }
    const key = fields.toString('latin1')
    let layout = this.#layouts.get(key)
    if (layout === undefined) {
      layout = layoutIn(fields)
      if (this.#layouts.size >= mostLayouts) this.#layouts.clear()
      this.#layouts.set(key, layout)
    }
    return layout
  }
}

/** `fields`: lines of a header, or the list of columns alone. */
function layoutIn(fields: Buffer): Layout | string {
  if (decoded(fields) === null) return 'the header "fields" of the message is no text in UTF-8'
  const isBlock = fields[0] === 0x23 || fields.subarray(0, 4).equals(markedHash)
  const block = isBlock ? fields : Buffer.concat([Buffer.from('#Fields: '), fields])
  const { layout, refusal } = parseHeader(block)
  if (refusal !== null) return `the header "fields" of the message: ${refusal.message}`
  if (layout === null) return 'the header "fields" of the message names no columns'
  if (layout.columns.length > mostColumns) {
    return `the header "fields" of the message names more than ${mostColumns} columns`
  }
  return layout
}

const markedHash = Buffer.from([0xef, 0xbb, 0xbf, 0x23])

/** The first of this name. */
function headerNamed(headers: TopicMessage['headers'], name: string): Buffer | undefined {
  return headers.find(([key]) => key?.toString('latin1') === name)?.[1] ?? undefined
}

/** Text of a header that goes into file names and logs as it is; null without one. */
function textOf(headers: TopicMessage['headers'], name: string, mostBytes: number): string | null | Error {
  const value = headerNamed(headers, name)
  if (value === undefined || value.length === 0) return null
  const text = value.length > mostBytes ? null : decoded(value)
  return text === null || /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(text)
    ? new Error(`the header "${name}" of the message is too long, or no plain text`)
    : text
}

function decoded(bytes: Buffer): string | null {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}
