/** The positions that the program has saved. */
import { readFileSync } from 'node:fs'
import type { Workplace } from '../support/program.ts'

/** Offsets by path of the log; empty while none are saved. */
export function positionsIn(place: Workplace): ReadonlyMap<string, number> {
  let saved: { positions: { file: string; offset: number }[] }
  try {
    saved = JSON.parse(readFileSync(place.path('state', 'siem', 'positions.json'), 'utf8'))
  } catch {
    return new Map()
  }
  return new Map(saved.positions.map(({ file, offset }) => [place.path(file.replace(/#.*$/, '')), offset]))
}
