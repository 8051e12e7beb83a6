import * as z from 'zod'
import { unicodeControls } from './unicode-controls.ts'

/** Syslog facilities by name, as numbered in RFC 5424. */
export const facilities = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news',
  'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit', 'alert', 'clock',
  'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const // biome-ignore format: eight to a line, so that the number can be read off

/** Forms of the syslog header: `iso8601` is that of RFC 3164 with the time of RFC 5424, as relays write it. */
export const syslogHeaders = ['rfc3164', 'iso8601', 'rfc5424', 'none'] as const

/** What the host of a header may be in place of a name: that of the source, or of the server that wrote the row. */
export const hostOrigins = ['source', 'server'] as const
export type HostOrigin = (typeof hostOrigins)[number]

const syslogShape = z.strictObject({
  header: z
    .enum(syslogHeaders)
    .default('rfc3164')
    .describe(
      'What stands before `CEF:`; `rfc3164` is what CEF receivers expect, `iso8601` the same with the time of RFC 5424 ' +
        '(year, milliseconds and zone).',
    ),
  time: z
    .enum(['event', 'send'])
    .default('event')
    .describe('Which time the header carries; some receivers index by it.'),
  zone: z.enum(['utc', 'local']).default('utc').describe("Zone of the header's time."),
  facility: z
    .enum(facilities)
    .default('local0')
    .describe('Syslog facility; collection rules of some receivers select by it.'),
  host: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'is no host name: printable ASCII without spaces, 255 characters at most')
    .optional()
    .describe(
      "Host in the header; this machine's name by default. `source`: the name of the source; `server`: that of the server " +
        'that wrote the row, and the name of the source where a row does not tell one that can be a host.',
    ),
})

/** How events become frames: a part of a destination's configuration. */
export const frameShape = {
  syslog: syslogShape.prefault({}).describe('The syslog header.'),
  framing: z
    .enum(['lf', 'octet-counting'])
    .default('lf')
    .describe('How frames are told apart on TCP and TLS: a line feed, or their length in front (RFC 6587).'),
  protectHeader: z
    .boolean()
    .default(false)
    .describe(
      'Whether `CEF:` before a digit becomes `CEF;` wherever a sender wrote it, such as in a subject: some receivers ' +
        'take the last one of a message for the beginning of the event, which anyone could forge then.',
    ),
  unicodeControls: z
    .enum(unicodeControls)
    .default('breaks')
    .describe(
      'Which characters beyond ASCII become U+FFFD, as control characters of ASCII always do: `breaks` are those that ' +
        'end a line for some readers or command a terminal (U+0080 to U+009F, U+2028, U+2029), `all` also those that ' +
        'turn the direction of the text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), `keep` leaves them.',
    ),
  maxMessageBytes: z
    .int()
    .min(1024, 'must be 1024 or more: a message has to hold its header')
    .max(1_048_576, 'must be 1048576 or less')
    .optional()
    .describe(
      'Limit of a whole message in bytes, kept by shortening the longest values, additional data first; ' +
        '8192 on UDP, 65536 on TCP and TLS by default.',
    ),
}

/** The syslog header, with all defaults filled in. */
export type SyslogOptions = z.output<typeof syslogShape>
export type Framing = z.output<(typeof frameShape)['framing']>
