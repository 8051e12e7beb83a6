/**
 * Patterns that the engine of the language may be trusted with, which is some ten times as fast as RE2's in JavaScript. It
 * takes them back and forth, so only those will do in which nothing can be taken back: each place of the text is tried
 * once, for as many characters as the pattern has fixed ones, and what comes any number of times comes last, where
 * nothing behind it can fail. One group may have up to eight alternatives, behind each of which the rest is tried: with several
 * such groups that would be as many times as their alternatives multiplied. For these both engines find the same.
 *
 *   ^? ( one of: literal, class, class{n} )* ( class+ or class* )?     with groups that are not within each other
 */

/** Letters that mean themselves, and escaped signs. Others, as `.` and `\s`, mean something else to each engine. */
const LITERAL = String.raw`[A-Za-z0-9 _=:;,<>@/"'!%&#~-]|\\[.|()[\]{}*+?^$\\/-]`
/** Of ASCII letters; one of all others may be half of a letter, which matters where they are counted. */
const CLASS = String.raw`\\[dw]|\[(?:[A-Za-z0-9 _=:;,<>@/"'!%&#~.|(){}*+?$]|[0-9A-Za-z]-[0-9A-Za-z])+-?\]`
const OTHERS = String.raw`\[\^(?:[A-Za-z0-9 _=:;,<>@/"'!%&#~.|(){}*+?$]|[0-9A-Za-z]-[0-9A-Za-z])+\]`
const ONE = String.raw`(?:\\b|(?:${CLASS})(?:\{\d{1,2}\})?|${LITERAL})`
const MANY = `(?:${CLASS}|${OTHERS})[+*]`
const ALTERNATIVE = String.raw`(?:\^|${ONE}+)`
const GROUP = String.raw`\((?:\?:)?${ONE}+\)`
const CHOICE = String.raw`\((?:\?:)?${ALTERNATIVE}(?:\|${ALTERNATIVE}){1,7}\)`
const FIXED = `(?:${ONE}|${GROUP})*`
const STEADY = new RegExp(
  String.raw`^\^?${FIXED}(?:${CHOICE}${FIXED})?(?:${MANY}|\((?:\?:)?${ONE}*${MANY}\))?$`,
)

/** The same for the engine of the language; null for a pattern of which that is not sure. */
export function steadyPattern(source: string): RegExp | null {
  return STEADY.test(source) ? new RegExp(source) : null
}
