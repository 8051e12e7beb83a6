/** A dead letter as it stands in its file, for who reads them. */
import type { ToldLetter } from '../status/told-letter.ts'

/** Why a line could not be delivered, and where it stands. */
export type Letter = Omit<ToldLetter, 'destination'>

/** Null for what is none: a write that was cut short, or what somebody else has put there. */
export function readLetter(text: string): Letter | null {
  let letter: Readonly<Record<string, unknown>> | null
  try {
    letter = JSON.parse(text)
  } catch {
    return null
  }
  const { time, file, offset, reason, line, lineBase64, withheldBytes } = letter ?? {}
  if (typeof time !== 'string' || typeof file !== 'string') return null
  if (typeof offset !== 'number' || typeof reason !== 'string') return null
  const bytes = typeof lineBase64 === 'string' ? Buffer.from(lineBase64, 'base64').toString('latin1') : line
  return {
    time,
    file,
    offset,
    reason,
    line: typeof bytes === 'string' ? bytes : null,
    withheldBytes: typeof withheldBytes === 'number' ? withheldBytes : null,
  }
}
