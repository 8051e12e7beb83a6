/**
 * Many texts to be looked for together: a tree of their letters in typed arrays, since a row may hold a hundred
 * thousand addresses, and objects for each take tens of megabytes.
 *
 *   texts   ann@a  anna@a  bob@a
 *
 *   root ─┬─ ann ─┬─ @a
 *         │       └─ a@a
 *         └─ bob@a
 *
 * A node stands for the letters from the root to it. Of each only its end is kept, in one of the texts that pass it.
 */

/** Node of no text. */
const ROOT = 0
const NONE = -1

export class TextIndex {
  /** All texts that brought a node, one behind the other. */
  #letters = new Uint16Array(1024)
  #lettersLength = 0
  #nodes = 1
  /** Of each node: where the text begins that passes it, how many letters of it lead there, and its number. */
  #starts = new Uint32Array(64)
  #lengths = new Uint32Array(64)
  #numbers = new Int32Array(64).fill(NONE)
  #parents = new Uint32Array(64)
  /** The nodes below others, by these and their first letter behind them; ROOT for a free place. */
  #places = new Uint32Array(256)

  /** The number of a text; -1 for one that is not here. */
  get(text: string): number {
    let node = ROOT
    let at = 0
    while (at < text.length) {
      node = this.#below(node, text.charCodeAt(at))
      if (node === ROOT) return NONE
      const end = this.#lengths[node] as number
      if (end > text.length || this.#alike(node, text, 0, at, end) < end) return NONE
      at = end
    }
    return this.#numbers[node] as number
  }

  /** Adds a text that is not empty, or gives it another number. */
  set(text: string, number: number): void {
    let node = ROOT
    let at = 0
    while (at < text.length) {
      const child = this.#below(node, text.charCodeAt(at))
      if (child === ROOT) {
        const leaf = this.#addLeaf(node, text)
        this.#numbers[leaf] = number
        return
      }
      const end = this.#lengths[child] as number
      const same = this.#alike(child, text, 0, at, Math.min(end, text.length))
      node = same < end ? this.#split(child, same) : child
      at = same
    }
    this.#numbers[node] = number
  }

  /** Visits the ends of those texts that stand at `start`, the shortest first; gives how many letters it looked at. */
  visitAt(text: string, start: number, visit: (end: number, number: number) => void): number {
    let node = ROOT
    let at = start
    while (at < text.length) {
      node = this.#below(node, text.charCodeAt(at))
      if (node === ROOT) break
      const end = start + (this.#lengths[node] as number)
      if (end > text.length || this.#alike(node, text, start, at, end) < end) break
      at = end
      const number = this.#numbers[node] as number
      if (number !== NONE) visit(end, number)
    }
    return at - start
  }

  /** How far, from `at` to `end`, the letters of a node are those of a text that begins at `start`. */
  #alike(node: number, text: string, start: number, at: number, end: number): number {
    const letters = this.#letters
    const shift = (this.#starts[node] as number) - start
    let same = at
    while (same < end && letters[same + shift] === text.charCodeAt(same)) same++
    return same
  }

  #addLeaf(parent: number, text: string): number {
    const start = this.#lettersLength
    if (start + text.length > this.#letters.length) {
      this.#letters = grown(this.#letters, new Uint16Array(2 * this.#letters.length + text.length))
    }
    for (let at = 0; at < text.length; at++) this.#letters[start + at] = text.charCodeAt(at)
    this.#lettersLength += text.length
    const leaf = this.#addNode(parent, start, text.length)
    this.#put(leaf)
    return leaf
  }

  /** Puts a node of so many letters above another one. */
  #split(child: number, length: number): number {
    const place = this.#placeOf(this.#parents[child] as number, this.#firstLetter(child))
    const between = this.#addNode(this.#parents[child] as number, this.#starts[child] as number, length)
    // What `#addNode` makes larger moves no place.
    this.#places[place] = between
    this.#parents[child] = between
    this.#put(child)
    return between
  }

  #addNode(parent: number, start: number, length: number): number {
    const node = this.#nodes++
    if (node === this.#starts.length) {
      this.#starts = grown(this.#starts, new Uint32Array(2 * node))
      this.#lengths = grown(this.#lengths, new Uint32Array(2 * node))
      this.#numbers = grown(this.#numbers, new Int32Array(2 * node).fill(NONE, node))
      this.#parents = grown(this.#parents, new Uint32Array(2 * node))
    }
    this.#starts[node] = start
    this.#lengths[node] = length
    this.#parents[node] = parent
    return node
  }

  /** The node below another one by this letter; ROOT when there is none. */
  #below(node: number, letter: number): number {
    return this.#places[this.#placeOf(node, letter)] as number
  }

  /** Where that stands, or may be put. */
  #placeOf(node: number, letter: number): number {
    const mask = this.#places.length - 1
    let place = (Math.imul(node, 0x9e3779b1) ^ Math.imul(letter + 1, 0x85ebca6b)) >>> 7
    for (place &= mask; ; place = (place + 1) & mask) {
      const found = this.#places[place] as number
      if (found === ROOT) return place
      if (this.#parents[found] === node && this.#firstLetter(found) === letter) return place
    }
  }

  #firstLetter(node: number): number {
    const parent = this.#parents[node] as number
    return this.#letters[(this.#starts[node] as number) + (this.#lengths[parent] as number)] as number
  }

  #put(node: number): void {
    if (2 * this.#nodes > this.#places.length) {
      this.#places = new Uint32Array(2 * this.#places.length)
      for (let other = 1; other < this.#nodes; other++) this.#putIn(other)
    } else {
      this.#putIn(node)
    }
  }

  #putIn(node: number): void {
    this.#places[this.#placeOf(this.#parents[node] as number, this.#firstLetter(node))] = node
  }
}

function grown<T extends Uint32Array | Uint16Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
