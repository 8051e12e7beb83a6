/**
 * Some receivers take the last `CEF:0` of a message for the beginning of the event, and a subject may hold one:
 * `hello CEF:0|Evil|…`. The colon of each that is not the message's own becomes a semicolon, in the finished message:
 * whatever it came from, and whatever escaping and cutting made of it. It takes as many bytes, so that no limit is
 * touched. In any case, and with blanks before the digit, as not every receiver is strict.
 */

const COLON = 0x3a
const SEMICOLON = 0x3b
const SPACE = 0x20
const TAB = 0x09
/** Makes a small letter of a capital one. */
const SMALL = 0x20

/** Breaks each `CEF:` before a digit in bytes[start … end); returns how many there were. */
export function breakHeaders(bytes: Buffer, start: number, end: number): number {
  let broken = 0
  for (let at = bytes.indexOf(COLON, start); at >= 0 && at < end; at = bytes.indexOf(COLON, at + 1)) {
    if (at - start < 3 || !isMark(bytes, at) || !isBeforeDigit(bytes, at + 1, end)) continue
    bytes[at] = SEMICOLON
    broken++
  }
  return broken
}

function isMark(bytes: Buffer, colon: number): boolean {
  const letter = (back: number) => (bytes[colon - back] as number) | SMALL
  return letter(3) === 0x63 && letter(2) === 0x65 && letter(1) === 0x66
}

function isBeforeDigit(bytes: Buffer, from: number, end: number): boolean {
  let at = from
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  return at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39
}
