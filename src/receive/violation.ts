/** What a decoder objects to. */

/** One breach of a format: a sentence for people and the byte it concerns, counted from the frame's start. */
export interface Violation {
  readonly offset: number
  readonly reason: string
}

/** Text quoted for a sentence: short, and with quotes and control characters escaped. */
export function quoted(text: string): string {
  const shown = [...text.slice(0, 80)].slice(0, 40).join('')
  return JSON.stringify(shown.length < text.length ? `${shown}…` : shown)
}
