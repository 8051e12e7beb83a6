const SPACE = 0x20
const TAB = 0x09

/** The text without the spaces and tabs around it, which no value of an event keeps. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (start < end && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}
