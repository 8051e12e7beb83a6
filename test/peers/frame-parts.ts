/** Frames of the tests taken apart, by regular expressions of the standards; each character is a byte. */

export type SyslogHeader = keyof typeof headers

/** Host in the syslog header of all frames. */
export const frameHost = 'collector'

/** Facility local0, with whatever severity. */
const priority = '<1(?:2[89]|3[0-5])>'

const headers = {
  rfc3164: new RegExp(`^${priority}(\\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d) ${frameHost} (CEF:.*)$`, 's'),
  iso8601: new RegExp(`^${priority}(\\S+) ${frameHost} (CEF:.*)$`, 's'),
  rfc5424: new RegExp(`^${priority}1 (\\S+) ${frameHost} msgtrk - - - (CEF:.*)$`, 's'),
}

const timeIn: Readonly<Record<SyslogHeader, (at: Date) => string>> = {
  rfc3164(at) {
    const [, day = '', month, , clock] = at.toUTCString().split(' ')
    return `${month} ${day.replace(/^0/, ' ')} ${clock}`
  },
  iso8601: (at) => at.toISOString(),
  rfc5424: (at) => at.toISOString(),
}

export interface FrameParts {
  /** From `CEF:0` to the end. */
  readonly event: string
  /** Bytes before the first key. */
  readonly extensionStart: number
}

/** The parts of a frame; undefined when its header is not as it must be, with the time of the event. */
export function partsOf(frame: string, header: SyslogHeader): FrameParts | undefined {
  const [, time = '', event = ''] = headers[header].exec(frame) ?? []
  const [start = ''] = /^CEF:0\|(?:(?:[^\\|]|\\.)*\|){6}/s.exec(event) ?? []
  const [, rt] = /^ rt=(\d+) /.exec(event.slice(start.length)) ?? []
  if (rt === undefined || time !== timeIn[header](new Date(Number(rt)))) return undefined
  return { event, extensionStart: frame.length - event.length + start.length }
}

/** The number of the record that a frame stands for: see `nastyLogs`. */
export function recordIn(frame: string): number {
  return Number(/ cs1=7(\d{8}) /.exec(frame)?.[1])
}
