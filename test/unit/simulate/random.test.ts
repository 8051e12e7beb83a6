import { describe, expect, it } from 'vitest'
import { Deck, Random } from '../../../src/simulate/random.ts'

const numbers = (seed: string, count: number) => {
  const random = new Random(seed)
  return Array.from({ length: count }, () => random.uint32())
}

describe('Random', () => {
  it('gives the same numbers for the same seed, for good', () => {
    expect(numbers('1', 3)).toEqual(numbers('1', 3))
    expect(numbers('1', 3)).toEqual([2335719877, 3777884756, 1069924447])
  })

  it('gives other numbers for a neighbouring seed', () => {
    const [one, two] = [new Set(numbers('1', 500)), numbers('2', 500)]
    expect(two.filter((number) => one.has(number))).toEqual([])
  })

  it('keeps both ends of a range within reach and nothing beyond', () => {
    const random = new Random('range')
    const drawn = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)))
    expect([...drawn].sort()).toEqual([3, 4, 5, 6])
  })

  it('makes GUIDs', () => {
    expect(new Random('x').guid()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })
})

describe('Deck', () => {
  it('deals every card before any comes again', () => {
    const deck = new Deck(new Random('deck'), ['a', 'b', 'c', 'd'])
    for (let round = 0; round < 3; round++) {
      expect([deck.deal(), deck.deal(), deck.deal(), deck.deal()].sort()).toEqual(['a', 'b', 'c', 'd'])
    }
  })
})
