/** What the shapes of a mapping table are made of. */
import * as z from 'zod'

// Lower case, as Exchange writes its columns: names of additional data are made from them.
export const columnPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/
// Nothing that would have to be escaped in an event.
const plainText = /^(?! )[^\p{Cc}\p{Zl}\p{Zp}=\\|]+(?<! )$/u
const lookupPattern = /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/

/** Text, with a message that names the mistake rather than types. */
export const text = () =>
  z.string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be text') })
export const list = <T extends z.ZodType>(of: T) =>
  z.array(of, { error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a list') })
export const constant = text().regex(
  plainText,
  'must be text without `=`, `\\`, `|`, line breaks or outer spaces',
)

export const column = text().regex(columnPattern, 'is no column name: lower-case words joined by hyphens')

/** A value that a table gives itself: text, or a number without quotes around it. */
export const given = z.union(
  [text().regex(/^\P{Cc}*$/u, 'must be text without line breaks or control characters'), z.int()],
  'must be text or a whole number',
)

export const lookupName = text().regex(lookupPattern, 'is no name of a lookup: words joined by hyphens')

export const lookupSchema = z.strictObject({
  values: z.record(z.string(), given).describe('What each value becomes.'),
  default: given.optional().describe('For values that are not listed; without it they become nothing.'),
})

export type Lookup = Readonly<z.output<typeof lookupSchema>>
