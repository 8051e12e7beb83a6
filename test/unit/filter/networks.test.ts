import { BlockList } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileNetworks, networkProblem } from '../../../src/filter/networks.ts'
import { sentence } from '../../../src/mistakes/words.ts'
import { runs } from '../../support/runs.ts'

function asksFor(entries: readonly string[], value: string): boolean {
  const bytes = Buffer.from(`<${value}>`)
  return compileNetworks(entries)(bytes, 1, bytes.length - 1)
}

test.each<[string, string, boolean]>([
  ['10.0.0.0/8', '10.255.1.2', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.1.2.3/8', '10.9.9.9', true],
  ['192.168.1.7', '192.168.1.7', true],
  ['192.168.1.7', '192.168.1.70', false],
  ['200.0.0.0/5', '207.255.255.255', true],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '', false],
  ['0.0.0.0/0', 'EX01', false],
  ['0.0.0.0/0', '1.2.3', false],
  ['0.0.0.0/0', '1.2.3.4.5', false],
  ['0.0.0.0/0', '1..3.4', false],
  ['0.0.0.0/0', '1.2.3.256', false],
  ['0.0.0.0/0', '10.00.0.1', false],
  ['0.0.0.0/0', '::1', false],
  ['fd00::/8', 'FD12:0:0::1%12', true],
  ['fd00::/8', 'fe80::1', false],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['10.0.0.0/8', '::ffff:10.1.1.1', true],
  ['::/0', '10.1.1.1', false],
  ['10.1.*', '10.1.5.5', true],
  ['ex01', 'EX01', true],
  ['/^10\\./', '10.1.1.1', true],
])('%j and %j: %j', (entry, value, expected) => {
  expect(asksFor([entry], value)).toBe(expected)
  expect(asksFor(['203.0.113.9', entry], value)).toBe(expected)
})

test('a network on bytes is the same network of the platform', () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      fc.integer({ min: 0, max: 32 }),
      fc.ipV4(),
      fc.nat(32),
      (base, bits, other, shared) => {
        const list = new BlockList()
        list.addSubnet(base, bits, 'ipv4')
        // Addresses that share their beginning with the network are hardly ever found by chance.
        const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
        const cut = 2 ** (32 - shared)
        const near = Math.floor(number(base) / cut) * cut + (number(other) % cut)
        const address = [24, 16, 8, 0].map((shift) => (near >>> shift) & 255).join('.')
        expect(asksFor([`${base}/${bits}`], address)).toBe(list.check(address, 'ipv4'))
      },
    ),
    { numRuns: runs(1000) },
  )
})

test.each<[string, string | null]>([
  ['10.0.0.0/8', null],
  ['10.0.0.0/33', 'is no network; write 10.0.0.0/8 or fd00::/8'],
  ['fd00::/129', 'is no network; write 10.0.0.0/8 or fd00::/8'],
  ['10.0.0/8', 'is no network; write 10.0.0.0/8 or fd00::/8'],
  ['10.0.0.0/', 'is no network; write 10.0.0.0/8 or fd00::/8'],
  ['10.1.*', null],
  ['/^10\\./', null],
  ['', 'is empty; leave it out'],
])('%j: %j', (entry, problem) => {
  const words = networkProblem(entry)
  expect(words && sentence(words)).toBe(problem)
})
