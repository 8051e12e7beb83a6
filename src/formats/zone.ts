/** Zones of clocks on a wall: how far they are ahead of UTC, and which moment a time of theirs was. */

/** A zone by name, or so many minutes ahead of UTC: plain data, which another thread can have as well. */
export interface Zone {
  readonly name: string
  readonly minutes: number | null
}

export const utc: Zone = { name: 'UTC', minutes: 0 }

/** The zone of this text: `utc`, `local`, `+02:00` or a name such as `Europe/Berlin`; null when there is none. */
export function parseZone(text: string): Zone | null {
  if (/^(utc|z)$/i.test(text)) return utc
  const fixed = /^([+-])(\d{2}):(\d{2})$/.exec(text)
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3])
    if (Number(fixed[3]) > 59 || minutes > 14 * 60) return null
    return { name: text, minutes: fixed[1] === '-' ? -minutes : minutes }
  }
  if (text.toLowerCase() !== 'local' && !/^[A-Za-z]/.test(text)) return null
  try {
    const format = formatOf(text.toLowerCase() === 'local' ? undefined : text)
    return { name: format.resolvedOptions().timeZone, minutes: null }
  } catch {
    return null
  }
}

/**
 * The moment at which clocks of the zone showed this time, in milliseconds as if it were UTC; or why that is not one
 * moment: where clocks are put forward or back, a time is left out or comes twice.
 */
export function wallTime(wallMs: number, zone: Zone): number | string {
  if (zone.minutes !== null) return wallMs - zone.minutes * 60_000
  const dayMs = 86_400_000
  const candidates = new Set([
    wallMs - offsetMs(wallMs - dayMs, zone),
    wallMs - offsetMs(wallMs + dayMs, zone),
  ])
  const moments = [...candidates].filter((ms) => wallMs - offsetMs(ms, zone) === ms)
  if (moments.length === 1) return moments[0] as number
  return moments.length === 0
    ? `clocks in ${zone.name} never showed its time: they were put forward`
    : `clocks in ${zone.name} showed its time twice: they were put back`
}

/** Offsets change at whole quarters of an hour. */
const quarterMs = 900_000
const mostKept = 10_000
const kept = new Map<string, number>()

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws when there is no such zone; undefined: that of this machine. */
function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    ...(timeZone === undefined ? {} : { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
}

function offsetMs(ms: number, { name }: Zone): number {
  const quarter = Math.floor(ms / quarterMs)
  const key = `${name} ${quarter}`
  let offset = kept.get(key)
  if (offset === undefined) {
    const at = quarter * quarterMs
    const format = formats.get(name) ?? formatOf(name)
    formats.set(name, format)
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    offset = Date.UTC(year, month - 1, day, hour, minute, second) - at
    if (kept.size >= mostKept) kept.clear()
    kept.set(key, offset)
  }
  return offset
}
