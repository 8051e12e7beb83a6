/**
 * Names of files as the system has them. Unix allows any bytes in a name; Node gives those that are no UTF-8 in a
 * form by which the file can't be opened. Here each such byte stands as the lone surrogate U+DC80 … U+DCFF, which
 * no other name holds, and becomes that byte again for the system.
 */
import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'

const replaced = '\uFFFD'
/** Not one half of a pair: with the flag `u` those are matched as one. */
const loneSurrogate = /([\uDC80-\uDCFF])/u

/** The names in a folder. Rejects with the system's error. */
export async function readNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  // Nearly all folders need no second look. What Windows calls a name are no bytes.
  if (process.platform === 'win32' || !names.some((name) => name.includes(replaced))) return names
  return (await readdir(folder, 'buffer')).map(nameOf)
}

/** The path as the system has it. */
export function systemPath(path: string): string | Buffer {
  if (!loneSurrogate.test(path)) return path
  const parts = path.split(loneSurrogate)
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) & 0xff))),
  )
}

function nameOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  let name = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((each) => isUtf8(bytes.subarray(at, at + each)))
    name +=
      length === undefined
        ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
        : bytes.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return name
}
