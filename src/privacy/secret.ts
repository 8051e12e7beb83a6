/** Keys and tweaks as text: hexadecimal or base64, as `openssl rand` prints them. */
import type { Words } from '../mistakes/words.ts'

const fewestDifferentBytes = 8
const unreadable = 'is neither hexadecimal nor base64'

/** The bytes of a secret; undefined when the text is neither hexadecimal nor base64. Never quote the text. */
export function readSecret(text: string): Buffer | undefined {
  const written = text.trim()
  if (/^(?:[0-9a-f]{2})+$/i.test(written)) return Buffer.from(written, 'hex')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(written)) return undefined
  const bytes = Buffer.from(written, 'base64')
  // Node's decoder skips what makes no sense, so what it read has to give the text again.
  const again = bytes.toString('base64url')
  return again === written.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_') ? bytes : undefined
}

/** What is wrong with the bytes of a key; undefined for nothing. */
export function keyProblem(key: Buffer | undefined, sizes: readonly number[]): Words | undefined {
  const wanted = `${sizes.slice(0, -1).join(', ')} or ${sizes.at(-1)} bytes`
  const remedy = `make one with: openssl rand -hex ${sizes.at(-1)}`
  if (key === undefined) return { message: unreadable, remedy }
  if (!sizes.includes(key.length))
    return { message: `has ${key.length} bytes, and must have ${wanted}`, remedy }
  if (new Set(key).size < fewestDifferentBytes)
    return { message: 'repeats itself too much to be a key', remedy }
  return undefined
}

/** Sizes of an AES key in bytes. */
export const aesKeySizes: readonly number[] = [16, 24, 32]
/** Sizes of a key for HMAC-SHA-256 in bytes: as strong as those of AES, and as long as its result or its block. */
export const hmacKeySizes: readonly number[] = [16, 24, 32, 64]

/** What is wrong with the bytes of a tweak; undefined for nothing. */
export function tweakProblem(tweak: Buffer | undefined): Words | undefined {
  const remedy = 'make one with: openssl rand -hex 16'
  if (tweak === undefined) return { message: unreadable, remedy }
  if (tweak.length < 1 || tweak.length > 64)
    return { message: `has ${tweak.length} bytes, and must have 1 to 64`, remedy }
  return undefined
}
