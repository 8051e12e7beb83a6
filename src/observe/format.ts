/** How a log entry becomes a line, in which nothing that others chose can end it, leave its field or command the terminal. */
import { visible } from '../mistakes/visible.ts'

/** One line of the own log before it is formatted. */
export interface LogEntry {
  readonly level: string
  readonly message: string
  readonly time: Date
  readonly fields: Readonly<Record<string, unknown>>
}

/** Takes entries one by one; `end` resolves when they are written. */
export interface LineWriter {
  write(entry: LogEntry): void
  end(): Promise<void>
}

const secretName = /(password|passphrase|secret|token|key)$/i

const colours: Readonly<Record<string, string>> = { debug: '90', info: '36', warn: '33', error: '31' }

/** `{"time","level","message",…fields}` on one line; a field called like one of the three gets a `_` behind. */
export function formatJson({ level, message, time, fields }: LogEntry): string {
  const head = { time: time.toISOString(), level, message }
  const rest = Object.entries(fields).map(([name, value]) => [
    Object.hasOwn(head, name) ? `${name}_` : name,
    plain(value, name),
  ])
  return visible(JSON.stringify({ ...head, ...Object.fromEntries(rest) }))
}

/** `yyyy-MM-dd hh:mm:ss level sentence name=value …` in local time, for people. */
export function formatReadable({ level, message, time, fields }: LogEntry, colour: boolean): string {
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const parts = [paint('90', localTime(time)), paint(colours[level] ?? '0', level.padEnd(5))]
  parts.push(visible(message))
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    const text = quoteIfNeeded(readable(plain(value, name)))
    parts.push(`${paint('90', `${visible(name)}=`)}${text}`)
  }
  return parts.join(' ')
}

/** As people read it where they are; the program runs for weeks. */
function localTime(time: Date): string {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 19).replace('T', ' ')
}

/** The value as JSON would carry it, without secrets; a log line must never throw, whatever it is given. */
function plain(value: unknown, name: string): unknown {
  if (isSecret(name, value)) return '[secret]'
  try {
    const json = JSON.stringify(value, (key, inner: unknown) => {
      if (key !== '' && isSecret(key, inner)) return '[secret]'
      if (typeof inner === 'bigint') return String(inner)
      if (inner instanceof Error) return errorFields(inner)
      return inner
    })
    return json === undefined ? undefined : JSON.parse(json)
  } catch {
    return '[unprintable]'
  }
}

/** By its name; whether there is one is no secret. */
function isSecret(name: string, value: unknown): boolean {
  return value !== undefined && typeof value !== 'boolean' && secretName.test(name)
}

function errorFields(error: Error): Readonly<Record<string, unknown>> {
  const { message, stack, cause } = error
  return {
    message,
    ...('code' in error && { code: error.code }),
    ...(cause !== undefined && { cause }),
    stack,
  }
}

function readable(value: unknown): string {
  if (typeof value === 'string') return value
  // An error is told by its message; its stack is in the JSON form.
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) {
    return String(value.message)
  }
  // A list of texts is told as one; a blank in one of them would part it.
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' && !/[\s,"]/.test(each))) {
    return value.join(',')
  }
  return JSON.stringify(value) ?? ''
}

/** Quoted when it could be taken for more than one field. Backslashes stay single where they can: UNC paths. */
function quoteIfNeeded(text: string): string {
  const safe = visible(text.includes('"') ? text.replace(/[\\"]/g, '\\$&') : text)
  return text === '' || /[\s"=]/.test(text) ? `"${safe}"` : safe
}
