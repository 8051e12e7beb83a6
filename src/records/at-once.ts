/** What work in parts comes to, without a turn for anything else. */
export function atOnce<T>(parts: Iterator<void, T>): T {
  for (let part = parts.next(); ; part = parts.next()) if (part.done) return part.value
}
