import { describe, expect, test } from 'vitest'
import type { Records } from '../../../src/flow/records.ts'
import { SPLIT_FIELD_CAPACITY, SPLIT_ROW_CAPACITY } from '../../../src/hot-loop/contract.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'
import { RowTable } from '../../../src/parse/row-table.ts'
import { FieldFlag, flagsOf } from '../../../src/records/fields.ts'
import { fieldsIn, plainLayout } from '../../support/records.ts'

const of = { source: 'ex01', validUtf8: true }

function tableOf(content: string | Buffer, memory = new WorkMemory()): RowTable {
  const table = new RowTable(memory)
  table.load(Buffer.from(content as string))
  return table
}

/** The rows of one layout, all of which must be regular. */
function records(content: string | Buffer, columns: number, memory?: WorkMemory): Records {
  const table = tableOf(content, memory)
  expect(table.split(columns)).toBeNull()
  table.endRun(plainLayout(columns))
  return table.runs(of)[0]!
}

const oneMemory = new WorkMemory()
function flags(field: string | Buffer): number {
  return records(Buffer.concat([Buffer.from(field as string), Buffer.from('\r\n')]), 1, oneMemory).flags[0]!
}

describe('fields', () => {
  test.each<[string, string, string[]]>([
    ['plain', 'a,b,c', ['a', 'b', 'c']],
    ['empty', ',,', ['', '', '']],
    ['quoted', '"a","b,c",d', ['a', 'b,c', 'd']],
    ['quoted and empty', '"","",""', ['', '', '']],
    ['with doubled quotes', '"a""b","""",""""""', ['a"b', '"', '""']],
    ['with spaces', ' a , b,c ', [' a ', ' b', 'c ']],
    ['longer than a block', `${'a'.repeat(63)},${'b'.repeat(64)},${'c'.repeat(65)}`, ['a63', 'b64', 'c65']],
  ])('%s', (_, row, fields) => {
    const expected = fields.map((field) => field.replace(/^([abc])(\d+)$/, (_, a, n) => a.repeat(Number(n))))
    for (const end of ['\n', '\r\n', '']) expect(fieldsIn(records(row + end, 3))).toEqual([expected])
  })

  test.each([
    ['a stray quote', 'a"b,c'],
    ['a quote behind a quoted field', '"a"b,c'],
    ['a quoted field that is not closed', 'a,"b'],
    ['a quoted field that is not closed, before a doubled quote', 'a,"b""'],
    ['text between the closing quote and a carriage return', '"a"\rb,c'],
  ])('%s is left to somebody else', (_, row) => {
    const table = tableOf(`a,b\r\n${row}\r\nc,d\r\n`)
    expect(table.split(2)).toEqual({ start: 5, end: 5 + row.length, fields: -1 })
    expect(table.split(2)).toBeNull()
    table.endRun(plainLayout(2))
    expect(fieldsIn(table.runs(of)[0]!)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  test('a row with another number of fields is handed back, and can be split again', () => {
    const table = tableOf('a,b\nc,d,e\nf,g\n')
    expect(table.split(2)).toEqual({ start: 4, end: 9, fields: 3 })
    table.endRun(plainLayout(2))
    table.goBackTo(4)
    expect(table.split(3)).toEqual({ start: 10, end: 13, fields: 2 })
    table.endRun(plainLayout(3))
    expect(table.runs(of).map(fieldsIn)).toEqual([[['a', 'b']], [['c', 'd', 'e']]])
  })

  test('fields that somebody else found stand among the others', () => {
    const table = tableOf('a,b\n"x"y,z\nc,d')
    expect(table.split(2)).toMatchObject({ fields: -1 })
    table.append(4, 10, ['xy', 'z=\xe9'])
    expect(table.split(2)).toBeNull()
    table.endRun(plainLayout(2))
    const [run] = table.runs(of)
    expect(fieldsIn(run!)).toEqual([
      ['a', 'b'],
      ['xy', 'z=\xe9'],
      ['c', 'd'],
    ])
    expect([...run!.rowStarts]).toEqual([0, 4, 11])
    expect([...run!.rowEnds]).toEqual([3, 10, 14])
    expect(run!.flags[3]).toBe(FieldFlag.escape | FieldFlag.high)
  })
})

describe('flags', () => {
  test('every byte that a copy has to care for is flagged, no other', () => {
    for (let byte = 0; byte < 256; byte++) {
      const control = (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)) || byte === 0x7f
      const escaped = [0x0a, 0x0d, 0x5c, 0x3d].includes(byte)
      const expected =
        (control ? FieldFlag.control : 0) |
        (escaped ? FieldFlag.escape : 0) |
        (byte >= 0x80 ? FieldFlag.high : 0)
      expect(flagsOf(Buffer.of(byte), 0, 1), `byte ${byte}`).toBe(expected)
      if (byte === 0x22 || byte === 0x0a) continue
      for (const before of [0, 62, 63, 64, 100]) {
        const field = Buffer.concat([
          Buffer.from('"'),
          Buffer.alloc(before, 'a'),
          Buffer.of(byte),
          Buffer.from('"'),
        ])
        expect(flags(field), `byte ${byte} behind ${before}`).toBe(expected)
      }
    }
  })

  test('a doubled quote', () => {
    expect(flags('"a""b"')).toBe(FieldFlag.quote)
  })

  test('belong to their own field', () => {
    expect([...records('=,a,\x00,"b",é\r\n', 5).flags]).toEqual([2, 0, 4, 0, 8])
  })

  test('are not those of rows that lay there before', () => {
    const rows = (field: string) => `${Array.from({ length: 20 }, () => field).join(',')}\n`.repeat(3)
    const before = records(rows('='), 20, oneMemory)
    expect(new Set(before.flags)).toEqual(new Set([FieldFlag.escape]))
    expect(new Set(records(rows('a'), 20, oneMemory).flags)).toEqual(new Set([0]))
  })
})

describe('the arrays', () => {
  test('grow with the number of rows, and keep what is in them', () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => [`a${row}`, '=', `${row}`])
    const run = records(rows.map((row) => `${row.join(',')}\n`).join(''), 3)
    expect(fieldsIn(run)).toEqual(rows)
    expect([...run.flags].every((flag, index) => flag === (index % 3 === 1 ? FieldFlag.escape : 0))).toBe(
      true,
    )
    expect(run.rowStarts[29_999]).toBe(run.bytes.lastIndexOf('a29999'))
  })

  test('take no room for fields that many short rows do not have', () => {
    const memory = new WorkMemory()
    const table = new RowTable(memory)
    table.load(Buffer.from('a\n'.repeat(500_000)))
    expect(table.split(1)).toBeNull()
    expect(memory.bytes.length).toBeLessThan(24 << 20)
  })

  test('hold a row of very many fields', () => {
    const fields = Array.from({ length: 100_000 }, (_, index) => `${index}`)
    expect(fieldsIn(records(`${fields.join(',')}\n`, fields.length))).toEqual([fields])
  })

  test('are not written behind by a row that has a field too many in the last of their room', () => {
    const memory = new WorkMemory()
    tableOf('', memory)
    const rows = memory.splitJob.get(SPLIT_ROW_CAPACITY)
    const columns = memory.splitJob.get(SPLIT_FIELD_CAPACITY) / rows
    expect(Number.isInteger(columns)).toBe(true)
    const commas = ','.repeat(columns - 1)
    // How many separators of that row stand in its last block: fields are written two at a time.
    for (const first of ['', 'a', 'ab', 'abc', 'abcd']) {
      const content = `${first}${commas}\n${`${commas}\n`.repeat(rows - 2)}`
      const table = tableOf(`${content}${commas},\n`, memory)
      const odd = { start: content.length, end: content.length + columns, fields: columns + 1 }
      expect(table.split(columns)).toEqual(odd)
      table.endRun(plainLayout(columns))
      const run = table.runs(of)[0]!
      expect(run.count).toBe(rows - 1)
      expect([run.starts[0], run.ends[0]]).toEqual([0, first.length])
      expect([run.rowStarts[0], run.rowEnds[0]]).toEqual([0, first.length + columns - 1])
      expect(run.flags[0]).toBe(0)
    }
  })

  test('are used again by the next chunk', () => {
    const table = tableOf('a,b\nc,d\n')
    table.split(2)
    table.endRun(plainLayout(2))
    table.load(Buffer.from('e,f\n'))
    table.split(2)
    table.endRun(plainLayout(2))
    expect(table.runs(of).map(fieldsIn)).toEqual([[['e', 'f']]])
  })
})

test('a run without rows is none', () => {
  const table = tableOf('\r\n\n\r\n')
  expect(table.split(2)).toBeNull()
  table.endRun(plainLayout(2))
  expect(table.runs(of)).toEqual([])
})
