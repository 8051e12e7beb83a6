/**
 * Times of exports. A cmdlet writes them in the form and, on premises, in the zone of the machine it ran on, and the
 * file says neither. What a text alone does not tell is not guessed: it has to be set, or another row has to tell it.
 */
import { wallTime, type Zone } from './zone.ts'

/** Whether the day or the month comes first. */
export type DateOrder = 'dmy' | 'mdy'

/** A date and time as it was written. */
interface Stamp {
  readonly year: number
  /** The two other parts of the date, in the order they stand there. */
  readonly parts: readonly [number, number]
  /** Null where either may be the month. */
  readonly order: 'md' | 'dm' | null
  readonly seconds: number
  readonly fraction: string
  /** Minutes ahead of UTC; null when the text does not say it. */
  readonly offset: number | null
}

const clock = String.raw`(\d{1,2})[:.](\d{2})[:.](\d{2})(?:[.,](\d{1,9}))?(?:\s?([AaPp])\.?\s?[Mm]\.?)?`
const zoned = String.raw`\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?`
const yearFirst = new RegExp(
  String.raw`^(\d{4})([-/.])\s?(\d{1,2})\2\s?(\d{1,2})\.?(?:T|,?\s+)${clock}${zoned}$`,
)
const yearLast = new RegExp(String.raw`^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}),?\s+${clock}${zoned}$`)

/** Reads a date and time in the form of ISO 8601 or of a locale; null when it is none, or one without seconds. */
function parseStamp(text: string): Stamp | null {
  const first = yearFirst.exec(text)
  const match = first ?? yearLast.exec(text)
  if (match === null) return null
  const [, a = '', mark, b = '', c = '', hour = '', minute, second, fraction = '', half, zone] = match
  const seconds = secondsOf(Number(hour), Number(minute), Number(second), half?.toLowerCase())
  if (seconds === null) return null
  const clockTime = { seconds, fraction, offset: offsetOf(zone) }
  if (first !== null) return { year: Number(a), parts: [Number(b), Number(c)], order: 'md', ...clockTime }
  const parts = [Number(a), Number(b)] as const
  const [one, two] = parts
  // With dots the day comes first wherever dates are written so; else only a number can tell that is no month.
  const isDayFirst = mark === '.' || (one > 12 && two <= 12)
  const order = isDayFirst ? 'dm' : two > 12 && one <= 12 ? 'md' : one === two ? 'dm' : null
  return { year: Number(c), parts, order, ...clockTime }
}

function secondsOf(hour: number, minute: number, second: number, half: string | undefined): number | null {
  if (minute > 59 || second > 59) return null
  if (half === undefined) return hour > 23 ? null : (hour * 60 + minute) * 60 + second
  if (hour < 1 || hour > 12) return null
  return (((hour % 12) + (half === 'p' ? 12 : 0)) * 60 + minute) * 60 + second
}

function offsetOf(zone: string | undefined): number | null {
  if (zone === undefined) return null
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone)
  if (match === null) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
}

/** What is to be known of the times of one export before any can be converted. */
export interface TimeForm {
  readonly order: DateOrder | null
  readonly zone: Zone | null
}

/** Times that lack something, as they were written; null where none does. */
export interface Unknown {
  /** One whose day and month can't be told apart. */
  readonly order: string | null
  /** One without a zone. */
  readonly zone: string | null
}

/** Reads times of one export. Rows tell what others leave open: all of them have the same form. */
export class ExportTimes {
  #order: DateOrder | null
  readonly #zone: Zone | null
  #unordered: string | null = null
  #unzoned: string | null = null

  constructor({ order, zone }: TimeForm) {
    this.#order = order
    this.#zone = zone
  }

  /** Looks at a time for what it tells of the form, and for what it lacks. */
  learn(text: string): void {
    const stamp = parseStamp(text)
    if (stamp === null) return
    const [one, two] = stamp.parts
    if (stamp.order === null) this.#unordered ??= text
    else if (this.#order === null && yearLast.test(text) && one !== two) {
      this.#order = stamp.order === 'dm' ? 'dmy' : 'mdy'
    }
    if (stamp.offset === null && this.#zone === null) this.#unzoned ??= text
  }

  /** What keeps times seen so far from being converted. */
  get unknown(): Unknown {
    return { order: this.#order === null ? this.#unordered : null, zone: this.#unzoned }
  }

  /** The time as a tracking log writes it, with the digits it has, or the reason why there is none. */
  convert(text: string): { readonly time: string } | { readonly reason: string } {
    const stamp = parseStamp(text)
    if (stamp === null)
      return { reason: 'its time is no date and time to the second in a form that is known' }
    const set = this.#order === 'dmy' ? 'dm' : this.#order === 'mdy' ? 'md' : null
    const order = stamp.order ?? set
    if (order === null) return { reason: 'day and month of its time can not be told apart' }
    const [one, two] = stamp.parts
    if (set !== null && order !== set && one !== two && yearLast.test(text)) {
      return { reason: 'day and month of its time stand in another order than in other rows, or than set' }
    }
    const [month, day] = order === 'md' ? stamp.parts : [stamp.parts[1], stamp.parts[0]]
    const midnight = Date.UTC(stamp.year, month - 1, day)
    const date = new Date(midnight)
    if (stamp.year < 1970 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
      return { reason: 'its time is no date of the calendar' }
    }
    const wall = midnight + stamp.seconds * 1000
    let ms = wall - (stamp.offset ?? 0) * 60_000
    if (stamp.offset === null) {
      if (this.#zone === null) return { reason: 'nothing says of which zone its time is' }
      const found = wallTime(wall, this.#zone)
      if (typeof found === 'string') return { reason: found }
      ms = found
    }
    const fraction = stamp.fraction === '' ? '' : `.${stamp.fraction}`
    return { time: `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z` }
  }
}
