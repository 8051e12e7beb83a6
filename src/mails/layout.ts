/** The columns of a row that tells of a whole mail; those that rows of a log have, too, are called the same. */
import type { Layout } from '../flow/chunk.ts'

export const mailColumns = [
  'date-time',
  'first-time',
  'event-id',
  'network-message-id',
  'message-id',
  'sender-address',
  'return-path',
  'original-client-ip',
  'message-subject',
  'total-bytes',
  'recipient-address',
  'recipient-status',
  'recipient-count',
  'outside-count',
  'outcome',
  'reason',
  'direction',
  'route',
  'rows',
  'milliseconds',
  'authentication',
  'rules',
  'malware',
  'closed',
  'continues',
] as const

export type MailColumn = (typeof mailColumns)[number]

/** The layout of all mails. */
export const mailLayout: Layout = { columns: mailColumns, version: '', header: new Uint8Array(0) }
