/** What a destination gets a record of: a part of its configuration. */
import * as z from 'zod'
import { report } from '../mistakes/words.ts'
import { isGroup, valueAt } from '../mistakes/written.ts'

/** What becomes an event. */
export const recordKinds = ['rows', 'mail'] as const

/** When mails are closed. */
const settings = z.strictObject({
  quietMinutes: z
    .int()
    .min(1, 'must be 1 or more')
    .max(1440, 'must be 1440 or less')
    .default(15)
    .describe('A mail is closed when no row of it came for so long, by the times in the logs.'),
  openMinutes: z
    .int()
    .min(1, 'must be 1 or more')
    .max(10_080, 'must be 10080 or less')
    .default(120)
    .describe(
      'So long after its first row a mail is closed in any case; what comes then begins a further record. A start ' +
        'reads so much of the logs again.',
    ),
  maxMegabytes: z
    .int()
    .min(1, 'must be 1 or more')
    .max(4096, 'must be 4096 or less')
    .default(100)
    .describe('Most memory for open mails; then those are closed of which nothing came for longest.'),
})

/** Checked settings. */
export type MailSettings = z.output<typeof settings>

/** Those that nobody has set. */
export const mailDefaults: MailSettings = settings.parse({})

/** A part of a destination's configuration. */
export const mailShape = {
  records: z
    .enum(recordKinds, 'must be rows or mail')
    .default('rows')
    .describe(
      '`rows`: an event for each row; `mail`: one for each mail, put together from its rows on all servers ' +
        '(docs/mails.md).',
    ),
  mails: settings.optional().describe('When a mail is taken to be complete; only with `records: mail`.'),
}

/** The column by which rows of a mail are known. */
const idColumn = 'network-message-id'

/** Checks settings against each other; also when others have mistakes of their own. */
export function checkMails(value: unknown, context: z.RefinementCtx): void {
  if (!isGroup(value)) return
  const { records, mails, rawEvent, mapping } = value
  const tell = (path: readonly string[], message: string, remedy: string): void => {
    report(context, { message, remedy }, path)
  }
  const isMapping = (pattern: RegExp): boolean => typeof mapping === 'string' && pattern.test(mapping)
  if (records !== 'mail') {
    if (mails !== undefined) {
      tell(['mails'], 'does nothing where each row is an event', 'set records: mail or remove it')
    }
    if (isMapping(/^mail(?:\.v\d+)?$/)) {
      tell(['mapping'], 'maps mails, and rows are delivered', 'set records: mail, or name another table')
    }
    return
  }
  if (isMapping(/^exchange-/)) {
    tell(['mapping'], 'maps rows, and mails are delivered', 'write mapping: mail, or a table of your own')
  }
  if (rawEvent !== undefined && rawEvent !== 'none') {
    tell(['rawEvent'], 'is the row of an event, and a mail has many', 'remove it')
  }
  const { quietMinutes, openMinutes } = isGroup(mails) ? mails : {}
  if (Number(quietMinutes) > Number(openMinutes)) {
    const message = 'is more than openMinutes, after which no mail is open'
    tell(['mails', 'quietMinutes'], message, 'lower it, or raise openMinutes')
  }
  const method = valueAt(value, ['privacy', 'columns', idColumn])
  if (method === 'drop' || method === 'mask') {
    const message = 'takes away by what the rows of a mail are known'
    tell(['privacy', 'columns', idColumn], message, 'hash or encrypt it, or leave it as it is')
  }
}
