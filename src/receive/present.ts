/** Shows events: readable on a terminal, or as JSON. Everything in an event is chosen by strangers. */
import { styleText } from 'node:util'
import type { CefEvent } from './cef-decoder.ts'
import { labelKeyOf, labelledKeyOf, typeOf } from './cef-dictionary.ts'
import type { SyslogMessage } from './syslog-decoder.ts'

/** Control characters, C1 and DEL among them, line separators, and marks that turn the direction of writing. */
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu
const widestName = 32

/** `text` with every character that could move a terminal's cursor or turn its text made visible. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0)!
    // Unicode has a picture of each of the first 32 and of DEL.
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return code === 0x7f ? '\u2421' : escaped(code)
  })
}

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
  const rows = [...event.extension]
    .filter(([key]) => key !== 'rt' && !isLabelOfPresent(key, event.extension))
    .map(([key, value]) => [visible(nameOf(key, event.extension)), visible(shownValue(key, value))] as const)
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
  return `${text.replace(unsafe, (character) => escaped(character.codePointAt(0)!))}\n`
}

type Style = 'dim' | 'bold' | 'cyan' | 'green' | 'yellow' | 'red'

function severityStyle(severity: number): Style {
  if (severity >= 7) return 'red'
  return severity >= 4 ? 'yellow' : 'green'
}

function nameOf(key: string, extension: ReadonlyMap<string, string>): string {
  const label = extension.get(labelKeyOf(key) ?? '')
  return label === undefined ? key : `${label} (${key})`
}

function isLabelOfPresent(key: string, extension: ReadonlyMap<string, string>): boolean {
  const labelled = labelledKeyOf(key)
  return labelled !== undefined && extension.has(labelled)
}

function shownValue(key: string, value: string): string {
  return typeOf(key).type === 'time' ? new Date(Number(value)).toISOString() : value
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
