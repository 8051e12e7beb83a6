/** Says what became of every record: nothing lost, nothing altered, in order, and what came again. */

/** What happened between one fault and the next. */
export interface Tally {
  lost: number
  repeated: number
}

/** What is known when all was said to be delivered. */
export interface Findings {
  readonly records: number
  readonly lost: number
  /** Records of deleted logs that the program has told as lost. */
  readonly told: number
  readonly repeated: number
  /** Frames that no record stands for. */
  readonly altered: number
  /** Frames that came before a record that stands before theirs in the file. */
  readonly outOfOrder: number
  /** A record that was lost and one that was altered, for a look. */
  readonly examples: readonly string[]
}

interface Place {
  readonly file: FileState
  readonly row: number
}

/** A file as it must come. */
export interface ExpectedFile {
  /** All different. */
  readonly frames: readonly string[]
  /** How many of its last records may be missing, since the log was deleted: see `Findings.told`. */
  readonly mayLose: number
}

interface FileState extends ExpectedFile {
  /** For each row the tally of the moment when it came first. */
  readonly cameIn: (Tally | undefined)[]
  /** Rows up to the last one that came. */
  reached: number
}

/** Takes the frames that came, in their order, and is told when which fault began. */
export class Oracle {
  readonly #files: readonly FileState[]
  readonly #places = new Map<string, Place>()
  readonly #examples: string[] = []
  #current: Tally = { lost: 0, repeated: 0 }
  #repeated = 0
  #altered = 0
  #outOfOrder = 0

  constructor(expected: readonly ExpectedFile[]) {
    this.#files = expected.map((file) => ({ ...file, cameIn: [], reached: 0 }))
    for (const file of this.#files) {
      file.frames.forEach((frame, row) => {
        if (this.#places.has(frame)) throw new Error(`two records look the same: ${frame}`)
        this.#places.set(frame, { file, row })
      })
    }
  }

  /** From here on what is lost or comes again is put down to this. */
  began(tally: Tally): void {
    this.#current = tally
  }

  take(frame: string): void {
    const place = this.#places.get(frame)
    if (place === undefined) {
      this.#altered++
      this.#examples.push(`altered: ${frame}`)
      return
    }
    const { file, row } = place
    if (file.cameIn[row] !== undefined) {
      this.#repeated++
      this.#current.repeated++
      return
    }
    if (row !== file.reached) this.#outOfOrder++
    file.cameIn[row] = this.#current
    file.reached = Math.max(file.reached, row + 1)
  }

  /** Whether this is the beginning of some record's frame. */
  isBeginning(cut: string): boolean {
    return this.#files.some(({ frames }) => frames.some((frame) => frame.startsWith(cut)))
  }

  findings(): Findings {
    let records = 0
    let lost = 0
    let told = 0
    for (const { frames, cameIn, mayLose } of this.#files) {
      records += frames.length
      const surelyKept = frames.length - mayLose
      // A gap was made by what happened before the next record came.
      let blamed = this.#current
      for (let row = frames.length - 1; row >= 0; row--) {
        const tally = cameIn[row]
        if (tally !== undefined) {
          blamed = tally
          continue
        }
        if (row >= surelyKept) {
          told++
          continue
        }
        lost++
        blamed.lost++
        this.#examples.push(`lost: ${frames[row]}`)
      }
    }
    return {
      records,
      lost,
      told,
      repeated: this.#repeated,
      altered: this.#altered,
      outOfOrder: this.#outOfOrder,
      examples: this.#examples.slice(0, 5),
    }
  }
}
