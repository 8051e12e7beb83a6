/** What can be asked of a running instance, as a table that parts of the program add to. */
import type { Problem } from '../mistakes/problem.ts'

/** What was asked for. */
interface ControlRequest {
  /** Behind the `?` of the path; of several values of one name the last. */
  readonly query: Readonly<Record<string, string>>
  /** The JSON that came with it; undefined when nothing came. Whoever uses it checks its shape. */
  readonly body: unknown
  /** Aborts when whoever asked has gone, or the instance ends. */
  readonly signal: AbortSignal
}

/**
 * The answer: a value for JSON; or what a person has to mend, and then nothing has been changed; or lines of JSON, one
 * by one as they come, asked for as fast as they are taken.
 */
export type ControlAnswer =
  | { readonly value: unknown }
  | { readonly problems: readonly Problem[] }
  | {
      readonly lines: AsyncIterable<unknown>
      /** How long nobody may read before that ends; ten seconds by default. */
      readonly patienceMs?: number
    }

/** One thing that can be asked for. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST'
  readonly path: `/${string}`
  handler(request: ControlRequest): ControlAnswer | Promise<ControlAnswer>
}

/** What is answered in place of a value: what was asked for that can't be had, or is a mistake. */
export interface Refusal {
  readonly problems: readonly Problem[]
}
