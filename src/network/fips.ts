/** Only cryptography of a FIPS module of OpenSSL. */
import { createHash, getFips, setFips } from 'node:crypto'
import { ProblemsError } from '../mistakes/problem.ts'

/** What is used of `node:crypto`. */
export interface FipsCrypto {
  setFips(isOn: boolean): void
  getFips(): number
  createHash(algorithm: string): unknown
}

const remedy =
  'give Node.js a FIPS provider: a build of OpenSSL with its fips module, named in openssl.cnf, and OPENSSL_CONF and ' +
  'OPENSSL_MODULES in the environment; or leave --fips out'

/**
 * From now on this process uses nothing else; throws a `ProblemsError` where that is not so. Node.js says that it is in FIPS
 * mode also without such a module, so it is tried: SHA-256 has to work, and MD5 must not.
 */
export function requireFips(crypto: FipsCrypto = { createHash, getFips, setFips }): void {
  const missing = whatIsMissing(crypto)
  if (missing === undefined) return
  turnOff(crypto)
  throw new ProblemsError([{ where: { option: '--fips' }, message: missing, remedy }])
}

function whatIsMissing(crypto: FipsCrypto): string | undefined {
  try {
    crypto.setFips(true)
  } catch (error) {
    return `this Node.js can't be put into FIPS mode: ${(error as Error).message}`
  }
  if (crypto.getFips() !== 1) return 'this Node.js does not go into FIPS mode'
  if (!works(crypto, 'sha256')) return 'OpenSSL has no FIPS module here: SHA-256 does not work in FIPS mode'
  if (works(crypto, 'md5')) return 'FIPS mode is on in name only: MD5 still works'
  return undefined
}

/** Mistakes are told by a program that goes on for a moment. */
function turnOff(crypto: FipsCrypto): void {
  try {
    crypto.setFips(false)
  } catch {
    // Where it can't be, it never was on.
  }
}

function works(crypto: FipsCrypto, algorithm: string): boolean {
  try {
    crypto.createHash(algorithm)
    return true
  } catch {
    return false
  }
}
