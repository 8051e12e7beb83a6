/** Text with places for columns in it: `{client-hostname} via {connector-id}`. */
import { Mistaken } from '../../mistakes/words.ts'

/** A piece of a template: text that stays, or the name of what is put in its place. */
export type TemplatePiece = { readonly text: string } | { readonly name: string }

/** Takes a template apart. Throws a `Mistaken`, worded to follow the name of the setting. */
export function parseTemplate(template: string): readonly TemplatePiece[] {
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece !== '')
  const parsed = pieces.map((piece): TemplatePiece => {
    if (/^\{.+\}$/.test(piece)) return { name: piece.slice(1, -1).trim() }
    if (/[{}]/.test(piece)) throw new Mistaken('has a brace without its partner', 'write {column}')
    return { text: piece }
  })
  if (!parsed.some((piece) => 'name' in piece))
    throw new Mistaken('names no column', 'write {column}, or a constant')
  return parsed
}
