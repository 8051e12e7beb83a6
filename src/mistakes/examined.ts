/** What a try has shown: whether a part of what is configured works here and now, and what a person has to do if not. */

/** `warning`: it works, and something is doubtful about it. */
export type Verdict = 'ok' | 'warning' | 'failure'

/** One thing that was looked at. */
export interface Examined {
  readonly verdict: Verdict
  /** What it was, in a word: `name`, `connection`, `certificate`. */
  readonly part: string
  readonly message: string
  readonly remedy?: string
}

/** Works as it should. */
export function ok(part: string, message: string): Examined {
  return { verdict: 'ok', part, message }
}

/** Works, with a doubt. */
export function warning(part: string, message: string, remedy: string): Examined {
  return { verdict: 'warning', part, message, remedy }
}

/** Does not work. Messages of the parts often hold the remedy already. */
export function failure(part: string, message: string, remedy?: string): Examined {
  return { verdict: 'failure', part, message, ...(remedy !== undefined && { remedy }) }
}

/** The worst of them; `ok` for none. */
export function worstOf(all: readonly Pick<Examined, 'verdict'>[]): Verdict {
  if (all.some(({ verdict }) => verdict === 'failure')) return 'failure'
  return all.some(({ verdict }) => verdict === 'warning') ? 'warning' : 'ok'
}
