/** A text put together of very many pieces, which would take far more memory than it as a chain of them. */

const MOST_PIECES = 4096

export class LongText {
  #pieces: string[] = []
  #text = ''

  add(piece: string): void {
    this.#pieces.push(piece)
    if (this.#pieces.length >= MOST_PIECES) this.#join()
  }

  get text(): string {
    this.#join()
    return this.#text
  }

  #join(): void {
    this.#text += this.#pieces.join('')
    this.#pieces = []
  }
}
