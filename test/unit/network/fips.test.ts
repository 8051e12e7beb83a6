import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type FipsCrypto, requireFips } from '../../../src/network/fips.ts'

/** A Node.js in which so many algorithms work once FIPS mode is on. */
function node(works: readonly string[], { says = 1, sets = true } = {}): FipsCrypto & { isOn: boolean } {
  return {
    isOn: false,
    setFips(isOn) {
      if (!sets) throw new Error('not supported')
      this.isOn = isOn
    },
    getFips: () => says,
    createHash(algorithm) {
      if (!works.includes(algorithm)) throw new Error('unsupported')
      return undefined
    },
  }
}

test('with a module of which it is true, FIPS mode is on', () => {
  const crypto = node(['sha256'])
  requireFips(crypto)
  expect(crypto.isOn).toBe(true)
})

test.each([
  ['MD5 still works', node(['sha256', 'md5'])],
  ['SHA-256 does not work', node([])],
  ['does not go into FIPS mode', node(['sha256'], { says: 0 })],
  ["can't be put into FIPS mode: not supported", node(['sha256'], { sets: false })],
])('where %s, nothing is started, and it is said', (message, crypto) => {
  expect(() => requireFips(crypto)).toThrow(message)
  expect(crypto.isOn).toBe(false)
})

test('this Node.js says what it lacks, or is in FIPS mode, and can hash either way', () => {
  try {
    requireFips()
  } catch (error) {
    expect(String(error)).toMatch(/--fips: .*FIPS/)
  }
  expect(createHash('sha256').update('').digest('hex')).toMatch(/^e3b0c442/)
})
