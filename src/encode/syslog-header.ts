/** Syslog headers: RFC 3164 without a tag (receivers take `CEF` for it), the same with an ISO 8601 time, and RFC 5424. */
import type { ByteWriter } from './byte-writer.ts'
import { facilities, type HostOrigin, hostOrigins, type SyslogOptions } from './options.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Syslog severity for CEF severity 0–10: informational, warning, error, critical. */
const syslogSeverities = [6, 6, 6, 6, 4, 4, 4, 3, 3, 2, 2]

/** The last time with a year of four digits. */
const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const MOST_HOSTS = 1024

/** Where the host of a header comes from, if not from the settings: the row has it. */
export function hostOrigin({ host }: SyslogOptions): HostOrigin | null {
  return hostOrigins.find((origin) => origin === host) ?? null
}

/** Writes the headers of one destination. */
export class SyslogHeader {
  /** `<PRI>`, with the version of RFC 5424 behind it, for CEF severity 0–10. */
  readonly priorities: readonly Buffer[]
  /** What follows the time, up to the message. */
  readonly host: Buffer
  readonly #behindHost: string
  /** What follows the time, by the name of the host; as few as there are servers, unless a log says otherwise. */
  readonly #hosts = new Map<string, Buffer>()
  readonly #hasMillis: boolean
  readonly #zone: SyslogOptions['zone']
  #cachedTime = Number.NaN
  #cached: Buffer = Buffer.alloc(0)

  /** `host` is used when the options name none, made fit if it is not ASCII. */
  constructor(options: SyslogOptions, host: string) {
    const isRfc5424 = options.header === 'rfc5424'
    const facility = facilities.indexOf(options.facility)
    this.#hasMillis = options.header !== 'rfc3164'
    this.#zone = options.zone
    this.priorities = syslogSeverities.map((severity) =>
      Buffer.from(`<${facility * 8 + severity}>${isRfc5424 ? '1 ' : ''}`),
    )
    this.#behindHost = isRfc5424 ? ' msgtrk - - - ' : ' '
    this.host = this.hostOf(hostOrigin(options) === null ? (options.host ?? host) : host)
  }

  /** What follows the time, up to the message, for another host; its name is made fit. */
  hostOf(name: string): Buffer {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const host = Buffer.from(` ${headerHost(name)}${this.#behindHost}`)
    if (this.#hosts.size >= MOST_HOSTS) this.#hosts.clear()
    this.#hosts.set(name, host)
    return host
  }

  /** Appends the header of one message. `timeMs`: epoch milliseconds; `severity`: CEF severity 0–10. */
  write(out: ByteWriter, timeMs: number, severity: number, host = this.host): void {
    out.write(this.priorities[severity] as Buffer)
    out.write(this.timeText(timeMs))
    out.write(host)
  }

  /** The time as it stands in the header. */
  timeText(timeMs: number): Buffer {
    // RFC 3164 has no fraction: all events of a second share their text.
    const time = Math.floor(timeMs / (this.#hasMillis ? 1 : 1000))
    if (time !== this.#cachedTime) {
      const format = this.#hasMillis ? formatIso8601 : formatRfc3164
      this.#cachedTime = time
      this.#cached = Buffer.from(format(new Date(timeMs), this.#zone))
    }
    return this.#cached
  }
}

/** A machine may be called anything; in the header a space or a letter with an accent would end the host. */
function headerHost(name: string): string {
  return name.replace(/[^\x21-\x7e]+/g, '-').slice(0, 255) || '-'
}

/** `Mmm dd hh:mm:ss`, the day padded with a space. */
function formatRfc3164(time: Date, zone: SyslogOptions['zone']): string {
  const shifted = shift(time, offsetMinutes(time, zone))
  const day = String(shifted.getUTCDate()).padStart(2, ' ')
  return `${months[shifted.getUTCMonth()]} ${day} ${shifted.toISOString().slice(11, 19)}`
}

/** `2026-11-22T00:00:00.000Z`, or with the offset of the local zone. */
function formatIso8601(time: Date, zone: SyslogOptions['zone']): string {
  if (zone === 'utc') return time.toISOString()
  const offset = offsetMinutes(time, zone)
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0')
  return `${shift(time, offset).toISOString().slice(0, 23)}${offset < 0 ? '-' : '+'}${hours}:${minutes}`
}

/** How far the zone is ahead of UTC at that time. */
function offsetMinutes(time: Date, zone: SyslogOptions['zone']): number {
  if (zone === 'utc') return 0
  const offset = -Math.round(time.getTimezoneOffset())
  // No header has room for the year 10000.
  return time.getTime() + offset * 60_000 > LAST_TIME_MS ? 0 : offset
}

/** A date whose UTC parts are the parts of the zone. */
function shift(time: Date, offset: number): Date {
  return new Date(time.getTime() + offset * 60_000)
}
