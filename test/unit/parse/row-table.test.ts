import { expect, test } from 'vitest'
import { RowTable } from '../../../src/parse/row-table.ts'
import { plainLayout } from '../../support/records.ts'

const of = { source: 'ex01', bytes: Buffer.alloc(0), validUtf8: true }

/** Writes a row whose fields start at `first`, `first + 1`, … */
function addRow(table: RowTable, columns: number, first: number) {
  table.reserve(columns)
  for (let column = 0; column < columns; column++) table.starts[table.nextField + column] = first + column
  table.keepRow(first, first + columns, columns)
}

test('a run without rows is none', () => {
  expect(new RowTable().endRun(plainLayout(2), of)).toBeUndefined()
})

test('each run has its own rows and number of columns', () => {
  const table = new RowTable()
  addRow(table, 2, 10)
  addRow(table, 2, 20)
  const first = table.endRun(plainLayout(2), of)
  addRow(table, 3, 30)
  const second = table.endRun(plainLayout(3), of)
  expect(first).toMatchObject({ count: 2 })
  expect([...first!.starts]).toEqual([10, 11, 20, 21])
  expect([...first!.rowStarts]).toEqual([10, 20])
  expect([...first!.rowEnds]).toEqual([12, 22])
  expect(second).toMatchObject({ count: 1 })
  expect([...second!.starts]).toEqual([30, 31, 32])
  expect([...second!.rowStarts]).toEqual([30])
  expect(table.endRun(plainLayout(3), of)).toBeUndefined()
})

test('a run keeps its rows while the table grows behind it', () => {
  const table = new RowTable()
  addRow(table, 3, 1)
  const first = table.endRun(plainLayout(3), of)
  for (let row = 0; row < 20_000; row++) addRow(table, 3, row * 3)
  const second = table.endRun(plainLayout(3), of)
  expect([...first!.starts]).toEqual([1, 2, 3])
  expect(second!.count).toBe(20_000)
  expect(second!.starts.every((start, index) => start === index)).toBe(true)
  expect(second!.rowStarts.every((start, index) => start === index * 3)).toBe(true)
})

test('is used again from the start', () => {
  const table = new RowTable()
  addRow(table, 2, 10)
  table.clear()
  addRow(table, 2, 50)
  expect([...table.endRun(plainLayout(2), of)!.starts]).toEqual([50, 51])
})

test('a row wider than all its room is made room for', () => {
  const table = new RowTable()
  addRow(table, 100_000, 0)
  expect(table.endRun(plainLayout(100_000), of)!.starts[99_999]).toBe(99_999)
})
