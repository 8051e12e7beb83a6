/** Notations of the log, and of what is put in place of its values. */

/** The sender of a mail about mails: it says nothing about anybody. */
export const nullSender = '<>'

/** What stands in place of text that is masked, and of a dropped value where another column repeats it. */
export const masked = '***'

/** `<ann@contoso.com>` is `ann@contoso.com`. */
export function withoutBrackets(address: string): string {
  const trimmed = address.trim()
  return trimmed.startsWith('<') && trimmed.endsWith('>') ? trimmed.slice(1, -1).trim() : trimmed
}
