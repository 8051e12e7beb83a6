/** Properties files as Java reads and writes them. */
import { isUtf8 } from 'node:buffer'

/** Keys and values in the order of the file; of a key that comes twice, the last. */
export function readProperties(bytes: Buffer): ReadonlyMap<string, string> {
  // Java writes ASCII with escapes and reads ISO 8859-1, from version 9 on UTF-8 where that is valid.
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').replace(/^\uFEFF/, '')
  const properties = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const { key, value } = split(line)
    properties.set(unescaped(key), unescaped(value))
  }
  return properties
}

/** Without comments and empty lines; a line that ends in an odd number of backslashes goes on in the next one. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  let begun: string | null = null
  for (const natural of text.split(/\r\n|[\r\n]/)) {
    const line: string = natural.replace(/^[ \t\f]+/, '')
    if (begun === null && (line === '' || /^[#!]/.test(line))) continue
    const whole: string = (begun ?? '') + line
    const goesOn = ((/\\+$/.exec(line)?.[0].length ?? 0) & 1) === 1
    begun = goesOn ? whole.slice(0, -1) : null
    if (begun === null) lines.push(whole)
  }
  return begun === null ? lines : [...lines, begun]
}

/** The key ends at the first `=`, `:` or blank without a backslash before it. */
function split(line: string): { readonly key: string; readonly value: string } {
  const [key = ''] = /^(?:\\.|[^\\=: \t\f])*/s.exec(line) ?? []
  return { key, value: line.slice(key.length).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '') }
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_, code: string | undefined, character = '') => {
    return code === undefined
      ? (controls[character] ?? character)
      : String.fromCharCode(Number.parseInt(code, 16))
  })
}
