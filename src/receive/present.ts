/** Shows events: readable on a terminal, or as JSON. Everything in an event is chosen by strangers. */
import { styleText } from 'node:util'
import { visible } from '../mistakes/visible.ts'
import type { CefEvent } from './cef-decoder.ts'
import { labelKeyOf, labelledKeyOf, typeOf } from './cef-dictionary.ts'
import type { SyslogMessage } from './syslog-decoder.ts'

const widestName = 32

/** One line for the event and one for each value, indented, labels in place of custom keys; ends with LF. */
export function pretty(syslog: SyslogMessage, event: CefEvent, colour: boolean): string {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const received = event.extension.get('rt')
  const time = received === undefined ? (syslog.time ?? '-') : new Date(Number(received)).toISOString()
  const from = syslog.host === null ? '' : paint('dim', `  from ${visible(syslog.host)}`)
  const lines = [
    `${paint('dim', visible(time))}  ${paint('bold', visible(event.name))}  ` +
      paint(severityStyle(event.severity), `severity ${event.severity}`) +
      from,
  ]
  const rows = valuesToShow(event)
    .filter(({ key }) => key !== 'rt')
    .map(({ key, label, value }) => {
      return [visible(label === null ? key : `${label} (${key})`), visible(value)] as const
    })
  const width = Math.min(widestName, Math.max(0, ...rows.map(([name]) => name.length)))
  for (const [name, value] of rows) lines.push(`  ${paint('cyan', name.padEnd(width))} = ${value}`)
  return `${lines.join('\n')}\n`
}

/** One JSON object on one line, ends with LF; `syslog` is null for a frame without a header. */
export function json(syslog: SyslogMessage, event: CefEvent): string {
  const { format, priority, facility, severity, time, host, app } = syslog
  const header = format === 'none' ? null : { format, priority, facility, severity, time, host, app }
  const cef = { ...event, extension: Object.fromEntries(event.extension) }
  // JSON escapes C0 only; the rest of what a terminal obeys is escaped here, and stays the same JSON.
  const text = JSON.stringify({ syslog: header, cef })
  return `${visible(text)}\n`
}

type Style = 'dim' | 'bold' | 'cyan' | 'green' | 'yellow' | 'red'

function severityStyle(severity: number): Style {
  if (severity >= 7) return 'red'
  return severity >= 4 ? 'yellow' : 'green'
}

/** The values of an event for people, in its order: times as such, and labels beside what they are of. */
export function valuesToShow({ extension }: Pick<CefEvent, 'extension'>): readonly {
  readonly key: string
  readonly label: string | null
  readonly value: string
}[] {
  return [...extension]
    .filter(([key]) => !isLabelOfPresent(key, extension))
    .map(([key, value]) => {
      return { key, label: extension.get(labelKeyOf(key) ?? '') ?? null, value: shownValue(key, value) }
    })
}

function isLabelOfPresent(key: string, extension: ReadonlyMap<string, string>): boolean {
  const labelled = labelledKeyOf(key)
  return labelled !== undefined && extension.has(labelled)
}

function shownValue(key: string, value: string): string {
  return typeOf(key).type === 'time' ? new Date(Number(value)).toISOString() : value
}
