import { describe, expect, test } from 'vitest'
import { Ff1 } from '../../../src/privacy/ff1.ts'

const aes128 = '2B7E151628AED2A6ABF7158809CF4F3C'
const aes192 = `${aes128}EF4359D8D580AA4F`
const aes256 = `${aes192}7F036D6F04FC6A94`
const tweak10 = '39383736353433323130'
const tweak36 = '3737373770717273373737'
const ten = '0123456789'
const nineteen = '0123456789abcdefghi'

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const digits = (text: string) => Array.from(text, (letter) => Number.parseInt(letter, 36))
const text = (of: readonly number[]) => of.map((digit) => digit.toString(36)).join('')

describe('the samples NIST published for FF1', () => {
  test.each([
    [1, aes128, 10, '', ten, '2433477484'],
    [2, aes128, 10, tweak10, ten, '6124200773'],
    [3, aes128, 36, tweak36, nineteen, 'a9tv40mll9kdu509eum'],
    [4, aes192, 10, '', ten, '2830668132'],
    [5, aes192, 10, tweak10, ten, '2496655549'],
    [6, aes192, 36, tweak36, nineteen, 'xbj3kv35jrawxv32ysr'],
    [7, aes256, 10, '', ten, '6657667009'],
    [8, aes256, 10, tweak10, ten, '1001623463'],
    [9, aes256, 36, tweak36, nineteen, 'xs8a0azh2avyalyzuwd'],
  ])('sample %i', (_, key, radix, tweak, plain, encrypted) => {
    const ff1 = new Ff1(bytes(key), bytes(tweak))
    expect(text(ff1.encrypt(radix, digits(plain)))).toBe(encrypted)
    expect(text(ff1.decrypt(radix, digits(encrypted)))).toBe(plain)
  })
})

describe('more digits than a block', () => {
  const ff1 = new Ff1(bytes(aes128), bytes(tweak10))
  const zeros = (count: number) => Array<number>(count).fill(0)

  test.each([96, 97, 193, 5000])('%i come back', (count) => {
    const plain = Array.from({ length: count }, (_, index) => (index * 7) % 62)
    const encrypted = ff1.encrypt(62, plain)
    expect(encrypted).toHaveLength(count)
    expect(encrypted).not.toEqual(plain)
    expect(ff1.decrypt(62, encrypted)).toEqual(plain)
  })

  test('no block shows that it equals another', () => {
    const encrypted = ff1.encrypt(62, zeros(288))
    const blocks = [0, 96, 192].map((start) => encrypted.slice(start, start + 96).join())
    expect(new Set(blocks).size).toBe(3)
  })
})
