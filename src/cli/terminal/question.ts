/** A question on the terminal that has to be answered with yes before anything is changed. */
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { ProblemsError } from '../../mistakes/problem.ts'

/** The two ends of a terminal; they are none when either is a file or a pipe. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
}

/**
 * True for y or yes; anything else, the end of the input, Ctrl-C and `stop` mean no. Throws a `ProblemsError`
 * when there is nobody to ask, with `consequence` as its message.
 */
export async function isAgreed(consequence: string, terminal: Terminal, stop: AbortSignal): Promise<boolean> {
  const { input, output } = terminal
  if (!input.isTTY || !output.isTTY) {
    throw new ProblemsError([
      {
        where: { option: '--yes' },
        message: consequence,
        remedy: 'without a terminal to ask on, --yes says that it may',
      },
    ])
  }
  const closed = new AbortController()
  const lines = createInterface({ input, output })
  lines.once('close', () => closed.abort())
  try {
    const signal = AbortSignal.any([stop, closed.signal])
    const answer = await lines.question(`${consequence}\nGo on? [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    if (!stop.aborted && !closed.signal.aborted) throw error
    output.write('\n')
    return false
  } finally {
    lines.close()
  }
}
