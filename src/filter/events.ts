/** Event ids to let pass, compared as bytes: the filter that nearly every destination has, and the fastest. */

import type { Layout } from '../flow/chunk.ts'
import type { Filter } from '../flow/plan.ts'
import { didYouMean } from '../mistakes/nearest.ts'
import { sameBytes } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import type { FilterSettings } from './options.ts'

/** Event ids that Exchange is known to write; the last four stand in no documentation. */
export const knownEvents: readonly string[] = [
  'AGENTINFO', 'BADMAIL', 'CLIENTSUBMISSION', 'DEFER', 'DELIVER', 'DELIVERFAIL', 'DROP', 'DSN',
  'DUPLICATEDELIVER', 'DUPLICATEEXPAND', 'DUPLICATEREDIRECT', 'EXPAND', 'FAIL', 'HADISCARD', 'HARECEIVE',
  'HAREDIRECT', 'HAREDIRECTFAIL', 'INITMESSAGECREATED', 'LOAD', 'MODERATIONEXPIRE', 'MODERATORAPPROVE',
  'MODERATORREJECT', 'MODERATORSALLNDR', 'NOTIFYMAPI', 'NOTIFYSHADOW', 'POISONMESSAGE', 'PROCESS',
  'PROCESSMEETINGMESSAGE', 'RECEIVE', 'REDIRECT', 'RESOLVE', 'RESUBMIT', 'RESUBMITDEFER', 'RESUBMITFAIL',
  'SEND', 'SUBMIT', 'SUBMITDEFER', 'SUBMITFAIL', 'SUPPRESSED', 'THROTTLE', 'TRANSFER',
  'SENDEXTERNAL', 'SETROUTE', 'RECIPIENTINFO', 'REPLICATION',
] // biome-ignore format: a list of words

/**
 * Those of `names`, in capitals, that are not among `known`, each with the one that was probably meant: typing
 * mistakes, or newer than the list. `RECIEVE (did you mean RECEIVE?)`
 */
export function unknownNames(names: readonly string[], known: readonly string[] = knownEvents): string[] {
  return names
    .map(eventName)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = didYouMean(name, known)
      return meant === undefined ? name : `${name} (${meant})`
    })
}

/**
 * The event ids, in capitals, outside of which no row of a log with event ids can pass: those in both lists.
 * Undefined when no list says; empty when the lists have none in common, so that nothing passes.
 */
export function wantedEvents({ events, filter }: FilterSettings): readonly string[] | undefined {
  const lists = [events, filter?.events].filter((list) => list !== undefined)
  const [first, ...others] = lists.map((list) => list.map(eventName))
  return first && [...new Set(first)].filter((name) => others.every((list) => list.includes(name)))
}

/**
 * Keeps the records whose event id is one of `events`, in any case (all, if it is undefined or empty). The
 * filter is null where everything is kept: also for a log without event ids, since nothing is dropped unasked.
 */
export function compileEventFilter(events: readonly string[] | undefined): (layout: Layout) => Filter | null {
  if (events === undefined || events.length === 0) return () => null
  // By length, since most rows are decided by it alone.
  const wanted: (readonly Buffer[] | undefined)[] = []
  for (const name of new Set(events.map(eventName))) {
    const bytes = Buffer.from(name)
    wanted[bytes.length] = [...(wanted[bytes.length] ?? []), bytes]
  }
  return (layout) => {
    const column = columnIndex(layout, 'event-id')
    if (column < 0) return null
    const width = layout.columns.length
    return ({ bytes, starts, ends }, row) => {
      const field = row * width + column
      const start = starts[field]!
      const end = ends[field]!
      const names = wanted[end - start]
      if (names === undefined) return false
      for (const name of names) if (sameBytes(name, bytes, start, end)) return true
      return false
    }
  }
}

/** Exchange writes event ids in capitals. */
export function eventName(configured: string): string {
  return configured.trim().toUpperCase()
}
