/** Text with places for columns in it: `{client-hostname} via {connector-id}`. */

/** A piece of a template: text that stays, or the name of what is put in its place. */
export type TemplatePiece = { readonly text: string } | { readonly name: string }

/** Takes a template apart. Throws an `Error` that says what is wrong, worded to follow the name of the setting. */
export function parseTemplate(template: string): readonly TemplatePiece[] {
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece !== '')
  const parsed = pieces.map((piece): TemplatePiece => {
    if (/^\{.+\}$/.test(piece)) return { name: piece.slice(1, -1).trim() }
    if (/[{}]/.test(piece)) throw new Error('has a brace without its partner; write {column}')
    return { text: piece }
  })
  if (!parsed.some((piece) => 'name' in piece))
    throw new Error('names no column; write {column}, or a constant')
  return parsed
}
