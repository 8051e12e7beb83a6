/**
 * What all connections together keep of frames that have begun and not ended. Anyone who can connect can begin as many as
 * there may be connections: beyond the limit the one that keeps the most is given up, so that whoever sends whole
 * frames is never the one.
 */
export class BegunFrames {
  readonly #mostBytes: number
  readonly #kept = new Map<object, { readonly bytes: number; readonly giveUp: () => void }>()
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** A connection keeps so many bytes now; `giveUp` ends it, and is called for those that have to go. */
  keep(connection: object, bytes: number, giveUp: () => void): void {
    this.release(connection)
    if (bytes === 0) return
    this.#kept.set(connection, { bytes, giveUp })
    this.#bytes += bytes
    while (this.#bytes > this.#mostBytes) {
      const [largest, { giveUp }] = [...this.#kept].reduce((most, one) =>
        one[1].bytes > most[1].bytes ? one : most,
      )
      this.release(largest)
      giveUp()
    }
  }

  /** The connection is gone, or keeps nothing any more. */
  release(connection: object): void {
    this.#bytes -= this.#kept.get(connection)?.bytes ?? 0
    this.#kept.delete(connection)
  }
}
