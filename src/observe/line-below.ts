/** A line that stays below all others of a terminal, and is drawn anew in its place. */
import { visible } from '../mistakes/visible.ts'

const clearLine = '\r\u001b[K'
const usualColumns = 80

/** A terminal; `columns` is its width. */
export interface LineTerminal {
  readonly columns?: number
  write(text: string): unknown
}

/** The line; as long as none is shown, all is written as it is. */
export class LineBelow {
  readonly #terminal: LineTerminal
  #text: string | null = null

  constructor(terminal: LineTerminal) {
    this.#terminal = terminal
  }

  /** Shows another text; null for none. */
  show(text: string | null): void {
    const clear = this.#text === null ? '' : clearLine
    this.#text = text
    if (clear !== '' || text !== null) this.#terminal.write(`${clear}${this.#shown}`)
  }

  /** Writes whole lines before it. */
  behind(lines: string): void {
    this.#terminal.write(this.#text === null ? lines : `${clearLine}${lines}${this.#shown}`)
  }

  /** A line that wrapped could not be cleared. */
  get #shown(): string {
    return visible(this.#text ?? '').slice(0, (this.#terminal.columns || usualColumns) - 1)
  }
}
