/** The two layers of quoting in a tracking log: lists inside a field, fields inside a row. */

const needsListQuotes = /[;']/
const needsFieldQuotes = /[",]/

/** Joins members by `;`; one that holds `;` or `'` is wrapped in `'…'` with inner `'` doubled. */
export function listOf(members: readonly string[]): string {
  let list = ''
  for (let i = 0; i < members.length; i++) {
    const member = members[i] as string
    if (i > 0) list += ';'
    list += needsListQuotes.test(member) ? `'${member.replaceAll("'", "''")}'` : member
  }
  return list
}

/** One row with its CRLF; a field is quoted if and only if it holds `,` or `"`. */
export function lineOf(values: readonly string[]): string {
  let line = ''
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as string
    if (i > 0) line += ','
    if (value === '') continue
    line += needsFieldQuotes.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  }
  return `${line}\r\n`
}
