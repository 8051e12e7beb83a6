/**
 * The values asked for most recently: at least `size` of them, at most twice as many. Senders and recipients come
 * again and again, and protecting one anew costs tens of microseconds.
 */
export class RecentValues<T> {
  readonly #size: number
  #recent = new Map<string, T>()
  #before = new Map<string, T>()

  constructor(size: number) {
    this.#size = size
  }

  /** The value kept for `key`, or what `make` gives, which is kept then. */
  get(key: string, make: () => T): T {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const value = this.#before.get(key) ?? make()
    if (this.#recent.size >= this.#size) {
      this.#before = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, value)
    return value
  }
}
