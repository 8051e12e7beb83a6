/** The real program on a terminal of a given width, its keys pressed by a test. */
import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { Ended, Program, Workplace } from './program.ts'

/** Whether this machine can make one. */
export const hasTerminals = existsSync('/usr/bin/script')

/** A program on a terminal. */
export class OnTerminal {
  readonly #program: Program
  #seen = 0

  /** Starts the program with these arguments. */
  constructor(place: Workplace, columns: number, ...args: readonly string[]) {
    const shell = `stty cols ${columns} rows 60 && exec "$0" "$@"`
    const through = [
      'sh',
      '-c',
      // The arguments come as words of one text, which a shell takes apart again.
      `exec script -qfec "$(printf "'%s' " sh -c '${shell}' "$@")" /dev/null`,
      'sh',
    ]
    this.#program = place.startWithInputIn({ through, env: { TERM: 'xterm', NO_COLOR: '' } }, ...args)
  }

  /** Its screen so far as text, without what moves the cursor. */
  get text(): string {
    return stripVTControlCharacters(this.#program.stdout)
  }

  /** Waits for a text that was not there when the last one was waited for. */
  async sees(text: string): Promise<void> {
    const find = () => this.text.indexOf(text, this.#seen)
    await this.#program.until(`on the screen: ${text}\n${this.text}`, () => find() >= 0)
    this.#seen = find() + text.length
  }

  /** Waits for a question, and answers it with these keys and Enter. */
  async answer(question: string, keys = ''): Promise<void> {
    await this.sees(question)
    this.press(`${keys}\r`)
  }

  press(keys: string): void {
    this.#program.child.stdin?.write(keys)
  }

  /** How it ended. */
  get ended(): Promise<Ended> {
    return this.#program.ended
  }
}

/** The key that goes to the next choice. */
export const down = '\u001b[B'
