/** A dead letter as an instance tells it, over HTTP and on the page; what its file holds beyond that is left out. */
export interface ToldLetter {
  readonly destination: string
  readonly time: string
  readonly file: string
  /** Of the line, or of the batch that it was part of, in bytes. */
  readonly offset: number
  readonly reason: string
  /** The line, or the event as it was sent; bytes that are no UTF-8 as latin1; null where it is withheld. */
  readonly line: string | null
  readonly withheldBytes: number | null
}
