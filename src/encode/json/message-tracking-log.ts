/**
 * Rows as the table MessageTrackingLog_CL of Microsoft Sentinel has them: its 31 columns, all of them texts but for the
 * time, spelt as Microsoft's connector spells them, and `eventTime` beside them.
 *
 * That is the time once more: what the service receives more than two days late, it gives the time of receipt as its
 * TimeGenerated.
 */
import type { Layout } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import { parseEventTime } from '../../records/event-time.ts'
import { type Column, columnIndex } from '../../records/layouts.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { createSpan, normaliseField } from '../text-value.ts'
import { replacedBy, type UnicodeControls } from '../unicode-controls.ts'
import type { ObjectForm, WriteObject } from './json-lines.ts'
import { writeJsonText } from './json-text.ts'
import { beforeText, textMember, writeAll } from './members.ts'

/** The columns of the table that are copies of columns of the log. */
export const messageTrackingColumns = [
  ['clientIP', 'client-ip'],
  ['clientHostname', 'client-hostname'],
  ['serverIp', 'server-ip'],
  ['senderHostname', 'server-hostname'],
  ['sourceContext', 'source-context'],
  ['connectorId', 'connector-id'],
  ['source', 'source'],
  ['eventId', 'event-id'],
  ['internalMessageId', 'internal-message-id'],
  ['messageId', 'message-id'],
  ['networkMessageId', 'network-message-id'],
  ['recipientAddress', 'recipient-address'],
  ['recipientStatus', 'recipient-status'],
  ['totalBytes', 'total-bytes'],
  ['recipientCount', 'recipient-count'],
  ['relatedRecipientAddress', 'related-recipient-address'],
  ['reference', 'reference'],
  ['messageSubject', 'message-subject'],
  ['senderAddress', 'sender-address'],
  ['returnPath', 'return-path'],
  ['messageInfo', 'message-info'],
  ['directionality', 'directionality'],
  ['messageTrackingTenantId', 'tenant-id'],
  ['originalClientIp', 'original-client-ip'],
  ['originalServerIp', 'original-server-ip'],
  ['customData', 'custom-data'],
  ['transportTrafficType', 'transport-traffic-type'],
  ['logId', 'log-id'],
  ['schemaVersion', 'schema-version'],
] as const satisfies readonly (readonly [name: string, column: Column])[]

/** Objects for that table. What is empty is left out, which is the same to a query. */
export function messageTrackingLog(unicodeControls: UnicodeControls = 'keep'): ObjectForm {
  const replaced = replacedBy(unicodeControls)
  const span = createSpan()
  let path: string | undefined
  let ending = Buffer.from('}')

  const prepare = (layout: Layout): WriteObject => {
    const columns = messageTrackingColumns.flatMap(([name, column]) => {
      const index = columnIndex(layout, column)
      return index < 0 ? [] : [{ index, before: beforeText(name) }]
    })
    const count = layout.columns.length
    const time = columnIndex(layout, 'date-time')
    const hasVersion = columnIndex(layout, 'schema-version') >= 0
    const version =
      hasVersion || layout.version === ''
        ? null
        : textMember('schemaVersion', layout.version, MOST_PATH_BYTES)
    return (records, row, out, cap, counts) => {
      const start = out.length
      const base = row * count
      if (time >= 0) writeTimes(out, records, base + time)
      for (const { index, before } of columns) {
        const at = base + index
        if (records.starts[at] === records.ends[at]) continue
        normaliseField(span, records, at, cap, replaced)
        if (span.cut) counts.cut++
        if (span.start === span.end) continue
        out.reserve(before.length + 1)
        out.write(before)
        writeJsonText(out, span)
        out.reserve(1)
        out.writeByte(QUOTE)
      }
      if (version !== null) writeAll(out, version)
      writeAll(out, ending)
      out.bytes[start] = BRACE
    }
  }
  return {
    prepare: (_plan, layout) => prepare(layout),
    begin: ({ file }) => {
      if (file.path === path) return
      path = file.path
      ending = Buffer.concat([textMember('FilePath', path, MOST_PATH_BYTES), Buffer.from('}')])
    },
  }
}

const QUOTE = 0x22
/** In place of the comma before the first member. */
const BRACE = 0x7b
/** The log's own form of a time: nothing but its digits may differ. */
const ISO_BYTES = 24
const LETTER_Z = 0x5a
const beforeTime = Buffer.from(',"TimeGenerated":"')
const beforeEventTime = Buffer.from('","eventTime":"')

function writeTimes(out: ByteWriter, { bytes, starts, ends }: Records, index: number): void {
  const start = starts[index] as number
  const end = ends[index] as number
  const timeMs = parseEventTime(bytes, start, end)
  if (Number.isNaN(timeMs)) return
  const isIso = end - start === ISO_BYTES && bytes[end - 1] === LETTER_Z
  const text = isIso ? bytes.subarray(start, end) : Buffer.from(new Date(timeMs).toISOString())
  out.reserve(2 * text.length + 64)
  out.write(beforeTime)
  out.write(text)
  out.write(beforeEventTime)
  out.write(text)
  out.writeByte(QUOTE)
}

const MOST_PATH_BYTES = 32_768
