/** Keys for tests. */
import { createSecretKey, type KeyObject } from 'node:crypto'

export const hashKeyHex = '000102030405060708090a0b0c0d0e0f'
export const encryptKeyHex = '2B7E151628AED2A6ABF7158809CF4F3C'
export const tweakHex = '39383736353433323130'

/** The key of these hexadecimal digits, as checked settings hold it. */
function keyOf(hex: string): KeyObject {
  return createSecretKey(Buffer.from(hex, 'hex'))
}

/** The keys as checked settings. */
export const keys = { hashKey: keyOf(hashKeyHex), encryptKey: keyOf(encryptKeyHex), tweak: keyOf(tweakHex) }
