/** What the loop is told to look at: of too little the wrong value would be taken, which was made of another row. */
import { describe, expect, test } from 'vitest'
import type { Inputs, StandsIn } from '../../../src/flow/plan.ts'
import * as contract from '../../../src/hot-loop/contract.ts'
import { type InputWords, keepInputs } from '../../../src/hot-loop/inputs.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { Struct } from '../../../src/hot-loop/words.ts'

const made = (more: Partial<Inputs>): Inputs => ({
  first: -1,
  columns: [],
  blanks: [],
  shapes: [],
  sides: null,
  unless: [],
  ...more,
})
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)
const names: Readonly<Record<number, string>> = {
  [contract.INPUT_NUMBER]: 'bytes',
  [contract.INPUT_SHAPE]: 'shape',
  [contract.INPUT_BLANKNESS]: 'blank',
}

/** What is kept in a new memory, to be read. */
function kept(all: readonly (Inputs | null)[]) {
  const memory = new WorkMemory()
  const kept = keepInputs(memory, all)
  if (kept === null) throw new Error('there is no room')
  const at = kept.words[contract.ENCODE_INPUTS]
  const sidesAt = kept.words[contract.ENCODE_SIDES]
  const inputs = upTo(kept.words[contract.ENCODE_INPUT_COUNT]).map(
    (index) => new Struct<'INPUT'>(memory, at + index * 4 * contract.WORDS_OF_INPUT),
  )
  const list = (address: number, count: number) =>
    [...memory.words.subarray(address / 4, address / 4 + count)].map((word) => {
      const of = inputs.find(({ address }) => word >= address && word < address + 4 * contract.WORDS_OF_INPUT)
      if (of === undefined) return word === sidesAt + 4 * contract.SIDES_SAMENESS ? 'sides' : 'nothing known'
      return `${names[(word - of.address) / 4]} of ${of.get(contract.INPUT_COLUMN)}`
    })
  return {
    row: list(kept.words[contract.ENCODE_ROW_WORDS], kept.words[contract.ENCODE_ROW_WORD_COUNT]),
    of: (one: Inputs | null) => kept.of(one) as InputWords,
    /** Of all of them, once the last is there. */
    listsOf: (...all: readonly Inputs[]) =>
      all
        .map((one) => kept.of(one) as InputWords)
        .map((words) => list(words[contract.OP_INPUTS], words[contract.OP_INPUT_COUNT])),
    /** Its texts: each with its bit, or what a run of bytes allows. */
    textsIn: (column: number) => {
      const input = inputs.find((each) => each.get(contract.INPUT_COLUMN) === column)!
      return upTo(input.get(contract.INPUT_TEXT_COUNT)).map((index) => {
        const at = input.get(contract.INPUT_TEXTS) + index * 4 * contract.WORDS_OF_TEXT
        const text = new Struct<'TEXT'>(memory, at)
        const [start, length] = [text.get(contract.TEXT_AT), text.get(contract.TEXT_LENGTH)]
        const places = text.get(contract.TEXT_PLACES)
        const shown =
          places === 0 ? memory.bytes.toString('latin1', start, start + length) : `${length} bytes`
        return `${shown}: ${text.get(contract.TEXT_BIT)}`
      })
    },
    /** What is found out of each column beside whether it is blank. */
    asked: inputs.map((each) => {
      const asked = [
        each.get(contract.INPUT_IS_WHOLE) === 1 && ' bytes',
        each.get(contract.INPUT_HAS_SHAPE) === 1 && ' shape',
      ]
      return `${each.get(contract.INPUT_COLUMN)}:${asked.filter(Boolean).join('')}`
    }),
  }
}

describe('a row in which much is derived', () => {
  const some = [
    made({ columns: [0], shapes: [1, 4], blanks: [0, 2] }),
    made({ columns: [1], shapes: [4], blanks: [4, 5] }),
    made({ columns: [0], blanks: [2] }),
    made({ shapes: [1] }),
  ]

  test('is told by what tells most of each column, once', () => {
    expect(kept(some).row).toEqual(['bytes of 0', 'bytes of 1', 'shape of 4', 'blank of 2', 'blank of 5'])
  })

  test('has each column looked at for all that is asked of it', () => {
    expect(kept(some).asked).toEqual(['0: bytes', '1: bytes shape', '4: shape', '2:', '5:'])
  })

  test('is not told where fewer are, or more than a row keeps', () => {
    expect(kept(some.slice(1)).row).toEqual([])
    expect(kept([...some.slice(1), null]).row).toEqual([])
    const one = made({ columns: [3] })
    expect(kept(upTo(contract.MOST_ROW_VALUES).map(() => one)).row).toEqual(['bytes of 3'])
    expect(kept(upTo(contract.MOST_ROW_VALUES + 1).map(() => one)).row).toEqual([])
  })

  test('is not told by more than it has room for', () => {
    const most = contract.MOST_ROW_INPUTS
    const of = (blanks: number) =>
      kept([
        made({ columns: upTo(4) }),
        made({ columns: [0], shapes: upTo(4, 4) }),
        made({ blanks: upTo(blanks, 8) }),
        made({ columns: [0] }),
      ]).row
    expect(of(most - 8)).toHaveLength(most)
    expect(of(most - 7)).toEqual([])
  })
})

describe('whether both sides are one server', () => {
  const sides = { source: 0, client: { name: 1, address: 2 }, server: { name: 3, address: -1 } }

  test('is one more thing by which rows and values are told', () => {
    const one = made({ columns: [0], sides })
    const { row, listsOf } = kept([one, made({ blanks: [1] }), one, one])
    expect(row).toEqual(['bytes of 0', 'blank of 1', 'sides'])
    expect(listsOf(one, made({ blanks: [1] }))).toEqual([['bytes of 0', 'sides'], ['blank of 1']])
  })

  test('takes the room of one of them', () => {
    const full = made({ columns: upTo(contract.MOST_INPUTS), sides })
    const { of, row } = kept([full, full, full, made({ columns: upTo(contract.MOST_ROW_INPUTS), sides })])
    expect(of(full)[contract.OP_INPUT_COUNT]).toBe(contract.NO_COLUMN)
    expect(row).toEqual([])
    const less = made({ columns: upTo(contract.MOST_ROW_INPUTS - 1), sides })
    expect(kept([less, less, less, less]).row).toHaveLength(contract.MOST_ROW_INPUTS)
  })
})

describe('a value', () => {
  test('is looked for by all that it is made of, and has a place of its own in its row', () => {
    const [one, other] = [made({ columns: [2], shapes: [1], blanks: [0] }), made({ columns: [1] })]
    const { listsOf, of } = kept([one, other])
    expect(listsOf(one, other)).toEqual([['bytes of 2', 'shape of 1', 'blank of 0'], ['bytes of 1']])
    expect([one, other].map((each) => of(each)[contract.OP_ROW_PLACE])).toEqual([2, 3])
  })

  test('is made anew for each row where nobody knows what of, or where it is too much', () => {
    const full = made({ columns: upTo(5), shapes: upTo(5, 5), blanks: upTo(contract.MOST_INPUTS - 10, 10) })
    const over = { ...full, blanks: [...full.blanks, 99] }
    const { of, listsOf, row } = kept([full, over, null, full, full])
    const [one, other] = listsOf(full, full)
    expect(new Set(one).size).toBe(contract.MOST_INPUTS)
    expect(other).toEqual(one)
    for (const one of [over, null]) expect(of(one)[contract.OP_INPUT_COUNT]).toBe(contract.NO_COLUMN)
    // Of those that are known there are three.
    expect(row).toEqual([])
  })
})

describe('texts for which it is made of more', () => {
  const run = (byte: number): StandsIn['text'] => {
    const places = new Uint8Array(257)
    places[byte] = 1
    return { places, length: 3 }
  }

  test('have a bit each, the same one for whoever asks for the same in the same column', () => {
    const one = made({ unless: [{ column: 0, text: Buffer.from('a') }, { column: 0, text: run(65) }] }) // biome-ignore format: side by side
    const other = made({
      unless: [
        { column: 0, text: Buffer.from('a') },
        { column: 0, text: run(66) },
        { column: 1, text: Buffer.from('a') },
        { column: 1, text: null },
      ],
    })
    const { textsIn, of, asked } = kept([one, other])
    expect(textsIn(0)).toEqual(['a: 1', '3 bytes: 2', '3 bytes: 4'])
    expect(textsIn(1)).toEqual(['a: 8', ': 16'])
    expect(of(one)[contract.OP_UNLESS]).toBe(1 | 2)
    expect(of(other)[contract.OP_UNLESS]).toBe(1 | 4 | 8 | 16)
    // Runs are looked for in what is not known only.
    expect(asked).toEqual(['0: bytes', '1:'])
  })

  test('share the last bit where there are more than bits', () => {
    const unless = upTo(contract.LAST_TEXT + 3).map((index) => ({ column: 0, text: Buffer.from(`${index}`) }))
    const { of } = kept([made({ unless }), made({})])
    expect(of(made({ unless }))[contract.OP_UNLESS]).toBe(2 ** (contract.LAST_TEXT + 1) - 1)
    expect(of(made({ unless: unless.slice(-2) }))[contract.OP_UNLESS]).toBe(2 ** contract.LAST_TEXT)
    expect(of(made({}))[contract.OP_UNLESS]).toBe(0)
  })
})

const aText = [{ column: 0, text: Buffer.from('a text') }]
const sides = { source: 0, client: { name: 1, address: 2 }, server: { name: 3, address: 4 } }
test.each([
  { what: 'columns', all: upTo(4).map((index) => made({ columns: upTo(5, index), unless: aText, sides })) },
  { what: 'texts alone', all: [made({ unless: [...aText, { column: 0, text: Buffer.from('b') }] })] },
  { what: 'what has no text', all: [made({ unless: [{ column: 0, text: null }] })] },
])('all that the loop is to look at has its room, $what as well, or nothing of it', ({ all }) => {
  const memory = new WorkMemory()
  const start = memory.keptEnd
  const keep = () => {
    const kept = keepInputs(memory, all)
    return kept === null || all.some((one) => kept.of(one) === null) ? null : kept
  }
  expect(keep()).not.toBeNull()
  const size = memory.keptEnd - start
  const room = memory.rowsAt - start
  for (let left = size; left >= 0; left -= 16) {
    memory.forget(start)
    memory.keep(room - left)
    expect(keep() === null, `${left} of ${size} bytes`).toBe(left < size)
  }
})
