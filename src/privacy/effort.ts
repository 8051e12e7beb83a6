/** How much was done since other work had its turn: about as many microseconds, told without a clock. */

/** A turn of the event loop takes so many of them, about. */
const TURN = 20_000

export class Effort {
  #spent = 0

  add(microseconds: number): void {
    this.#spent += microseconds
  }

  /** Whether it is time for other work: then it begins anew. */
  get isEnough(): boolean {
    if (this.#spent < TURN) return false
    this.#spent = 0
    return true
  }
}
