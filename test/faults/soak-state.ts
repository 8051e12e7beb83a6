/** The positions that the program has saved. */
import { readFileSync } from 'node:fs'
import type { Workplace } from '../support/program.ts'

interface Saved {
  readonly file: string
  readonly offset: number
  readonly mails?: { readonly taken: number; readonly letters: number; readonly open: string }
}

/** Offsets by path of the log up to which all is settled; empty while none are saved. */
export function positionsIn(place: Workplace): ReadonlyMap<string, number> {
  let saved: { positions: Saved[] }
  try {
    saved = JSON.parse(readFileSync(place.path('state', 'siem', 'positions.json'), 'utf8'))
  } catch {
    return new Map()
  }
  return new Map(
    saved.positions.map((position) => [place.path(position.file.replace(/#.*$/, '')), settledTo(position)]),
  )
}

/** Of a destination of mails more is read again than is not settled. */
function settledTo({ offset, mails }: Saved): number {
  return mails?.open === '' ? Math.min(mails.taken, mails.letters) : offset
}
