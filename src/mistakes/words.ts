/**
 * What is wrong and what to do about it, in words that follow the name of a setting: `is empty`, `name a folder`. A
 * schema can carry only one text for its mistakes: `said` puts both into one and remembers of what it was made.
 */
import type * as z from 'zod'

/** What is wrong, and what to do. */
export interface Words {
  readonly message: string
  readonly remedy?: string
}

/** A mistake found where nobody can be told of it; the message holds the remedy, too. */
export class Mistaken extends Error {
  readonly words: Words

  constructor(message: string, remedy?: string) {
    const words = { message, ...(remedy !== undefined && { remedy }) }
    super(sentence(words))
    this.name = 'Mistaken'
    this.words = words
  }
}

/** Both in one sentence. */
export function sentence({ message, remedy }: Words): string {
  return remedy === undefined ? message : `${message}; ${remedy}`
}

/** As many as the schemas have texts. */
const made = new Map<string, Words>()

/** The text of a mistake for a schema, which `wordsOf` takes apart again. */
export function said(message: string, remedy: string): string {
  const text = sentence({ message, remedy })
  made.set(text, { message, remedy })
  return text
}

/** Reports a mistake that a refinement has found, in the setting at `path` below its own. */
export function report(context: z.RefinementCtx, words: Words, path: readonly PropertyKey[] = []): void {
  context.addIssue({
    code: 'custom',
    message: sentence(words),
    params: { words },
    path: [...path],
    input: null,
  })
}

/** What an issue says, in its parts. */
export function wordsOf(issue: z.core.$ZodIssue): Words {
  const own: unknown = issue.code === 'custom' ? issue.params?.words : undefined
  return (own as Words | undefined) ?? made.get(issue.message) ?? { message: issue.message }
}
