/**
 * Characters beyond ASCII that end a line for some readers, or turn the text around them: one subject may look like
 * several events, or like another subject. ASCII's control characters are replaced in every value, whatever is set.
 */

/** What of them is replaced: nothing, what ends a line or commands a terminal, or also what turns the text. */
export const unicodeControls = ['keep', 'breaks', 'all'] as const

export type UnicodeControls = (typeof unicodeControls)[number]

const replaced: Readonly<Record<UnicodeControls, RegExp | null>> = {
  keep: null,
  // C1 with NEL and CSI among them, the line and the paragraph separator.
  breaks: /[\u0080-\u009f\u2028\u2029]/g,
  all: /[\u0080-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
}

/** The characters that become U+FFFD each; null for none. */
export function replacedBy(controls: UnicodeControls): RegExp | null {
  return replaced[controls]
}
