import { expect, it } from 'vitest'
import { textBefore } from '../../../src/flow/chunk.ts'
import { PrefixedRows } from '../../../src/observe/prefixed-rows.ts'
import { memoryLog } from '../tail/logs.ts'

const letter = (path: string, offset: number, reason: string) => ({
  path,
  offset,
  reason,
  line: Buffer.alloc(0),
})

it('says once for each log that text stands before the date-time of its rows', () => {
  const log = memoryLog()
  const rows = new PrefixedRows(log, 'siem')
  rows.malformed([
    letter('a.LOG', 1, 'has 3 columns'),
    letter('a.LOG', 2, textBefore),
    letter('a.LOG', 3, textBefore),
  ])
  rows.malformed([letter('a.LOG', 4, textBefore), letter('b.LOG', 5, textBefore)])
  rows.malformed([letter('c.LOG', 6, 'has 3 columns')])
  expect(log.lines).toEqual([
    expect.stringMatching(/^warn Rows of a log have text before their date-time.*"a.LOG","offset":2/),
    expect.stringMatching(/^warn Rows of a log have text before their date-time.*"b.LOG","offset":5/),
  ])
})
