/** A dead letter as an instance tells it, over HTTP and on the page; what its file holds beyond that is left out. */
export interface ToldLetter {
  readonly destination: string
  readonly time: string
  readonly file: string
  readonly offset: number
  readonly reason: string
  /** What stands there, or how many bytes of it are withheld. */
  readonly line: string | null
  readonly withheldBytes: number | null
}
