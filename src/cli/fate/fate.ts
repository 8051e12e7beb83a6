/**
 * What became of a row for one destination, from what a state folder holds. It is only read, so that it can be asked
 * while an instance works on it; positions are saved once a second, and so what is told may be that old.
 */
import type { Positions } from '../../flow/chunk.ts'
import { mailsId } from '../../mails/closed-queue.ts'
import { mailKey } from '../../mails/mail-key.ts'
import type { Places } from '../../mails/places.ts'
import { size } from '../../status/words.ts'
import { KnownIds } from '../../tail/file/known-ids.ts'
import type { Belonging } from './belonging.ts'
import type { FoundLetter } from './letters.ts'

/** In a word for scripts; `words` has them for people. */
export type FateKind =
  | 'settled'
  | 'notYet'
  | 'held'
  | 'filtered'
  | 'deadLetter'
  | 'malformed'
  | 'beforeStart'
  | 'notRead'
  | 'unknown'

export const words: Readonly<Record<FateKind, string>> = {
  settled: 'settled',
  notYet: 'not yet',
  held: 'in its mail',
  filtered: 'filtered',
  deadLetter: 'dead letter',
  malformed: 'no record',
  beforeStart: 'before start',
  notRead: 'not read',
  unknown: 'unknown',
}

export interface Fate {
  readonly kind: FateKind
  /** Empty where nothing is to be added. */
  readonly why: string
}

/** A row, or a line that is none, and where it stands. */
export interface Placed {
  readonly offset: number
  /** Behind its line end. */
  readonly end: number
  readonly isWhole: boolean
  /** Its date-time as it stands there; empty for a line that is no record. */
  readonly time: string
  /** Its message-id without <>, by which an event of it is known; empty without one. */
  readonly messageId: string
  /** Why it is no record; null for a record. */
  readonly malformed: string | null
  /** The first rule of the destination that it does not meet; null when it passes. */
  readonly filteredBy: string | null
  /** By what its mail is known, for a destination of mails: empty where it is of none. Null for one of rows. */
  readonly mail: string | null
  /** What the receiver got in place of what stands there, and what to look for; empty where it is as it stands. */
  readonly changed: string
}

/** What is known of one destination. */
export interface Known {
  /** Null when they can't be read. */
  readonly positions: Positions | null
  readonly letters: readonly FoundLetter[]
  /** Of which mails rows are settled; null for a destination of rows. */
  readonly mails: Pick<Places, 'isSettled'> | null
  /** Why what is there to be delivered is not, if anything is known of it; else empty. */
  readonly trouble: string
}

/** The fate of a row of the file `path`. */
export function fateOf(path: string, belonging: Belonging, placed: Placed, known: Known): Fate {
  if (belonging.source === null) return { kind: 'notRead', why: belonging.why }
  const { source, id } = belonging
  const letters = known.letters.filter(
    ({ file, start, end }) =>
      (file === mailsId && Boolean(placed.mail)) ||
      (file === path && (start === placed.offset || (placed.offset >= start && placed.offset < end))),
  )
  const isCorrected = source.correctSeconds !== 0
  const letter = letters.find(({ event }) => event === null || isAbout(event, placed, isCorrected) === 'yes')
  if (letter !== undefined) return { kind: 'deadLetter', why: `${letter.reason} (in ${letter.in})` }
  if (!placed.isWhole) return { kind: 'notYet', why: 'its line end is not written yet' }
  if (known.positions === null) return { kind: 'unknown', why: 'the positions can not be read' }
  const { begun } = new KnownIds(source.name, known.positions)
  const from = begun ?? source.startAt
  const isBefore = id !== null && isBeforeStart(from, placed.time, id)
  const position = id === null ? undefined : known.positions.get(id)
  const settledTo = position?.offset ?? null
  const takenTo = position?.mails?.taken ?? settledTo
  const isTaken = takenTo !== null && placed.end <= takenTo
  const key = placed.mail === null ? null : mailKey(placed.mail)
  const isSettled =
    settledTo !== null &&
    (placed.end <= settledTo ||
      (isTaken && id !== null && known.mails?.isSettled(id, placed.offset, key) === true))
  if (placed.malformed !== null) {
    const why = `${placed.malformed}; ${isSettled ? 'its dead letter is there no more' : 'it goes to the dead letters once it is read'}`
    return { kind: 'malformed', why }
  }
  if (isBefore) return { kind: 'beforeStart', why: `older than where source ${source.name} began: ${from}` }
  if (placed.filteredBy !== null) return { kind: 'filtered', why: `by ${placed.filteredBy}` }
  if (placed.mail === '') return { kind: 'filtered', why: 'it has no id of a mail' }
  if (isSettled) {
    const another = letters.find(({ event }) => isAbout(event ?? '', placed, isCorrected) === 'perhaps')
    const start =
      begun === 'end'
        ? `or written before source ${source.name} began, which was at the end of what was there (startAt: end)`
        : ''
    const rejected =
      another === undefined ? '' : `unless it is the one that was ${another.reason} (in ${another.in})`
    const why = [start, rejected, placed.changed].filter((text) => text !== '').join('; ')
    return { kind: 'settled', why }
  }
  if (isTaken) {
    const held = 'its mail is open, or the record of that is not confirmed yet'
    return { kind: 'held', why: known.trouble === '' ? held : `${held}; ${known.trouble}` }
  }
  return {
    kind: 'notYet',
    why: whyNotYet({ source: source.name, begun, settledTo: takenTo, trouble: known.trouble }, placed),
  }
}

/** A log is read from the first row of that time on, unless all of it is newer. */
function isBeforeStart(from: string, time: string, id: string): boolean {
  if (from === 'beginning' || from === 'end' || time === '') return false
  const start = new Date(from).toISOString()
  const stamp = id.slice(id.lastIndexOf('#') + 1)
  return stamp < start && time < start
}

function whyNotYet(
  {
    source,
    begun,
    settledTo,
    trouble,
  }: {
    readonly source: string
    readonly begun: string | null
    readonly settledTo: number | null
    readonly trouble: string
  },
  { offset }: Placed,
): string {
  const before =
    begun === null
      ? `nothing of source ${source} is settled`
      : settledTo === null
        ? 'nothing of its log is settled'
        : offset === settledTo
          ? 'it is the next one of its log'
          : `${size(offset - settledTo)} of its log come before it`
  return trouble === '' ? before : `${before}; ${trouble}`
}

/**
 * Whether an event that was rejected is of this row. It has the message-id unless privacy or its mapping table keep that back,
 * and, where the clock is not corrected, the time, in ISO 8601 or in milliseconds: another one only where both differ.
 */
function isAbout(event: string, placed: Placed, isCorrected: boolean): 'yes' | 'no' | 'perhaps' {
  const { messageId, time, changed, mail } = placed
  const text = withoutEscapes(event)
  if (mail !== null) return event === '' ? 'perhaps' : text.includes(mail) ? 'yes' : 'no'
  const hasTime = text.includes(time) || text.includes(String(Date.parse(time)))
  const isOtherTime = !isCorrected && anyTime.test(text) && !hasTime
  if (messageId !== '' && text.includes(messageId)) return isOtherTime ? 'perhaps' : 'yes'
  const isOtherMail = messageId !== '' && changed === '' && anyMessageId.test(text)
  return isOtherMail && isOtherTime ? 'no' : 'perhaps'
}

const anyMessageId = /<[^<>\s]+@[^<>\s]+>/
const anyTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|\b\d{13}\b/

/** CEF and JSON escape some characters of an id. */
function withoutEscapes(event: string): string {
  return event.replaceAll('\\', '')
}
