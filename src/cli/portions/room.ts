/** How much of what is made may wait for its turn: enough to go on while what comes before it is at work. */
const mostBytes = 12 * 1024 * 1024
/** So many usual batches that is. */
export const mostWaiting = 4

export class Room {
  #used = 0
  #wake: (() => void) | undefined

  /** Waits until there is room, by one at a time; what is more than all of it has it alone. */
  async take(bytes: number): Promise<void> {
    while (this.#used > 0 && this.#used + bytes > mostBytes) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#used += bytes
  }

  give(bytes: number): void {
    this.#used -= bytes
    this.#wake?.()
    this.#wake = undefined
  }
}
