/**
 * What went out lately, for who looks at the page: a tap of its own with few frames, which all pages share. It begins with
 * the first question and ends when nobody has asked for a while, so that nothing is copied that nobody sees.
 */
import { loadDictionary } from '../map/table/load.ts'
import { decodeFrame } from '../receive/frame-decoder.ts'
import { valuesToShow } from '../receive/present.ts'
import type { ToldEvent, ToldEvents } from '../status/told-event.ts'
import type { TapLine } from './tap.ts'
import type { Taps } from './taps.ts'

const framesPerSecond = 10
const mostEvents = 50
/** A page asks every two seconds. */
const patienceMs = 10_000
/** A value may be long, of which nobody reads so much. */
const mostCharacters = 2000

interface Open {
  readonly end: AbortController
  readonly events: ToldEvent[]
  leftOut: number
  timer: NodeJS.Timeout | undefined
}

/** For all pages of an instance. */
export class RecentEvents {
  readonly #taps: Pick<Taps, 'open'>
  readonly #names: () => ReadonlyMap<string, string>
  #open: Open | null = null
  /** Goes on counting, so that a page which was left alone does not miss what came since. */
  #number = 0

  constructor(taps: Pick<Taps, 'open'>, names: () => ReadonlyMap<string, string> = fullNames) {
    this.#taps = taps
    this.#names = names
  }

  /** Those after the event of this number. Throws a `ProblemsError` when too many look on already. */
  after(number: number, by: string): ToldEvents {
    this.#open ??= this.#begin(by)
    const open = this.#open
    clearTimeout(open.timer)
    open.timer = setTimeout(() => this.close(), patienceMs)
    open.timer.unref()
    return { events: open.events.filter((event) => event.number > number), leftOut: open.leftOut }
  }

  /** What was kept is forgotten, and nothing more is copied until somebody asks again. */
  close(): void {
    clearTimeout(this.#open?.timer)
    this.#open?.end.abort()
    this.#open = null
  }

  #begin(by: string): Open {
    const end = new AbortController()
    const tap = this.#taps.open({ by, framesPerSecond }, end.signal)
    const open: Open = { end, events: [], leftOut: 0, timer: undefined }
    void this.#collect(open, tap.lines(end.signal))
    return open
  }

  async #collect(open: Open, lines: AsyncIterable<TapLine>): Promise<void> {
    for await (const line of lines) {
      if ('leftOut' in line) open.leftOut += line.leftOut
      else if ('frame' in line) {
        open.events.push(this.#told(line))
        if (open.events.length > mostEvents) open.events.shift()
      }
    }
  }

  #told({ destination, frame, isRow }: Extract<TapLine, { frame: string }>): ToldEvent {
    const common = { number: ++this.#number, destination, at: new Date().toISOString(), sent: cut(frame) }
    if (isRow) {
      const mistake = 'It is a row as it stands in the log (format: raw), and no event.'
      return { ...common, eventClassId: '', name: '', severity: null, values: [], mistake }
    }
    const decoded = decodeFrame(Buffer.from(frame))
    if (!decoded.ok) {
      const mistake = decoded.errors[0]?.reason ?? 'It is no correct CEF.'
      return { ...common, eventClassId: '', name: '', severity: null, values: [], mistake }
    }
    const { eventClassId, name, severity } = decoded.event
    const values = valuesToShow(decoded.event).map(({ key, label, value }) => {
      return { key, name: label ?? this.#names().get(key) ?? key, value: cut(value) }
    })
    return { ...common, eventClassId, name, severity, values, mistake: null }
  }
}

function cut(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)} …` : text
}

let names: ReadonlyMap<string, string> | undefined

/** What the standard calls each key. */
function fullNames(): ReadonlyMap<string, string> {
  names ??= new Map([...loadDictionary().keys.values()].map(({ key, name }) => [key, name]))
  return names
}
