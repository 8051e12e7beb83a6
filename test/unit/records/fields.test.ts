import { expect, test } from 'vitest'
import { createParser } from '../../../src/parse/parser.ts'
import { fieldText } from '../../../src/records/fields.ts'
import { chunkOf, plainLayout, recordsOf } from '../../support/records.ts'

test('is the field of that row and column, with its doubled quotes made single', () => {
  const records = recordsOf(plainLayout(2), [
    ['a', 'b'],
    ['say "hi", now', 'né€😀'],
  ])
  expect(fieldText(records, 0, 1)).toBe('b')
  expect(fieldText(records, 1, 0)).toBe('say "hi", now')
  expect(fieldText(records, 1, 1)).toBe('né€😀')
})

test('shows invalid UTF-8 as U+FFFD', () => {
  expect(fieldText(recordsOf(plainLayout(1), [[Buffer.of(0x61, 0xff, 0x62)]]), 0, 0)).toBe('a\ufffdb')
})

test('leaves the doubled quotes of an irregular row: there they stand for themselves', () => {
  const { runs } = createParser()(chunkOf('a""b,"c""d"\r\n', plainLayout(2)))
  expect(fieldText(runs[0]!, 0, 0)).toBe('a""b')
  expect(fieldText(runs[0]!, 0, 1)).toBe('c"d')
})
