/** True when bytes[start … end) are these; for a dozen bytes a loop beats a call into the runtime. */
export function sameBytes(expected: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== expected.length) return false
  for (let at = 0; at < expected.length; at++) if (expected[at] !== bytes[start + at]) return false
  return true
}
