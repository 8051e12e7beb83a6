import { expect, test } from 'vitest'
import type { Records } from '../../../src/flow/records.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { broughtIn } from '../../../src/hot-loop/records-in-memory.ts'
import { createParser } from '../../../src/parse/parser.ts'
import { chunkOf, plainLayout } from '../../support/records.ts'

const parts = ['bytes', 'starts', 'ends', 'flags'] as const
type Part = (typeof parts)[number]

function contentOf(records: Records) {
  return parts.map((part) => [...records[part]])
}

/** Records in the memory of the loop, with those parts outside of it. */
function partlyOutside(memory: WorkMemory, outside: readonly Part[]): Records {
  const [records] = createParser(memory)(chunkOf('a,b\r\nccc,dd\r\n', plainLayout(2))).runs
  if (records === undefined) throw new Error('no records')
  const copies = { ...records, bytes: Buffer.from(records.bytes) }
  for (const part of parts.slice(1)) Object.assign(copies, { [part]: records[part].slice() })
  return { ...records, ...Object.fromEntries(outside.map((part) => [part, copies[part]])) }
}

test('records that lie in the memory are taken as they are', () => {
  const memory = new WorkMemory()
  const records = partlyOutside(memory, [])
  expect(broughtIn(memory, records)).toBe(records)
})

const choices: readonly (readonly Part[])[] = [...parts.map((part) => [part]), parts]

test.each(choices.map((choice) => [choice] as const))(
  'a copy in the memory is made where %j lie outside, of nothing more',
  (outside) => {
    const memory = new WorkMemory()
    const records = partlyOutside(memory, outside)
    const own = contentOf(records)
    const isWithin = !outside.includes('bytes')
    const size = 9 * records.starts.length + (isWithin ? 0 : records.bytes.length)
    const at = memory.spare(size) as number
    memory.bytes.fill(0xaa, at, at + 2 * size)
    const copy = broughtIn(memory, records) as Records
    expect(contentOf(copy)).toEqual(own)
    expect(parts.filter((part) => !memory.holds(copy[part]))).toEqual([])
    expect(copy.bytes === records.bytes).toBe(isWithin)
    expect(memory.bytes.subarray(at + size, at + 2 * size).every((byte) => byte === 0xaa)).toBe(true)
  },
)

test('there is none where it has no room', () => {
  const memory = new WorkMemory()
  const records = partlyOutside(memory, ['flags'])
  expect(broughtIn(memory, { ...records, bytes: Buffer.alloc(64 << 20) })).toBeNull()
})
