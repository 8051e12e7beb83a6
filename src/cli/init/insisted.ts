/** Answers that do not work now are taken when they are given twice: a receiver or a share may be set up later. */
import { type Examined, worstOf } from '../../mistakes/examined.ts'

/** Remembers what was refused last. */
export class Insisted {
  #refused: string | undefined

  /** What to say of an answer that failed; undefined when it works, or is given again. */
  on(answer: string, examined: readonly Examined[]): string | undefined {
    if (worstOf(examined) !== 'failure' || this.#refused === answer) return undefined
    this.#refused = answer
    const said = examined
      .filter(({ verdict }) => verdict === 'failure')
      .map(({ message, remedy }) => (remedy === undefined ? message : `${message} → ${remedy}`))
    return `${said.join('; ')}. Change it, or press enter again to take it all the same`
  }
}
